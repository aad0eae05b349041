/** What a text is written in, by the words that no text of a language can do without. */
const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  en: "the of and to in is you that it he was for on are with as his they be at this have from or had by not but what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see no way could people my than been who its now did get come made may part i am please hello hi thanks thx pls u ur hey bye good morning evening does doesn don isn won can't won't it's i'm where why me still again never nothing works working broken screen button shop ship shipping order parcel refund money late cancel account password days later whens broke stop start great bad very help need want got any too off over thank you're didn",
  de: 'wieviel kostet bestellung paket gestern heute machen nach vor unser könnte will brauche seit immer noch der die das und in zu den von mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei ich du wir ihr mein meine mir mich kann bitte hallo danke wo warum wann keine kein habe möchte moin servus tschüss guten morgen tag abend vielen dank geht ging funktioniert kaputt drucker bildschirm akku passwort konto lieferung liefert versand zurück geld kommt kam bekommen warte wieder jetzt alles gut schlecht sofort euch uns sehr diese dieser dieses was wer welche ihre ihren meinen meinem eines doch schon weil wenn gar ganz bin hast hab seite rechnung bestellt gekauft zahlen möchten bitteschön',
  fr: "combien coûte coûtent commande colis hier faire après avant notre peut veux besoin depuis toujours encore le la les de des du et à en un une est que qui dans pour pas sur au avec ce il sont par plus ne se aux je vous nous mon ma mes votre vos cette ces mais ou où être été ont comme tout si leur elle on ai avez bonjour merci quand comment pourquoi suis fait peut très puis depuis salut bonsoir svp beaucoup bonne journée revoir marche fonctionne jamais rien écran imprimante batterie livraison livrez remboursement argent reçu attends cassé panne quoi quel quelle tous cela ça n'a c'est j'ai d'un qu'il vais veut voulais nouveau facture acheté payer client",
  es: 'cuánto cuesta cuestan envío pedido ayer hoy hacer después antes nuestro puede quiero necesito el la los las de que y a en un una es por con no para su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante mi mis se del he ha puedo cómo hola gracias por favor tengo está usted cuál dónde estoy buenos buenas días tardes adiós funciona nada nunca nadie pantalla impresora batería devolución dinero recibido espero esperando roto otra vez ahora mal bien qué tal mucho muchas soy eres llegó llega quiere cuenta contraseña factura comprado pagar tienda semana años ustedes',
  it: 'ogni quanto costa sei stato fare tra fra senza dopo prima tutto tutti nostro vostro ordine pacco il lo la i gli le di che e è a in un una per con non del della dei delle si sono da come anche ma al più questo questa mi ho ha nel nella alla sul mio mia miei vorrei posso ciao buongiorno grazie perché quando dove cosa ci vi molto già essere stato ancora stai sta oggi ieri buonasera arrivederci funziona niente mai nessuno schermo stampante batteria rimborso soldi ricevuto aspetto rotto adesso bene male quale chi ciò devo voglio fatto arrivato arriva account fattura comprato pagare negozio settimana anni però lei voi mille sempre',
  pt: 'quanto custa custam envio encomenda ontem hoje muito obrigado estão ser fazer sem depois antes nosso vosso pode o a os as de que e do da em um para é com não uma no na por mais dos se como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter meu minha olá obrigado obrigada você não posso onde quero estou recebi bom boa dia tarde noite tchau funciona nada nunca ninguém tela ecrã impressora bateria reembolso dinheiro espero quebrado outra vez agora mal bem quê qual quem sozinho toda hora péssimo atendimento compro aqui vou vocês chegou chega meus minhas conta fatura comprei pagar loja semana anos falar aplicativo encomendas',
  nl: 'hoeveel bestelling pakket gisteren vandaag maken onze wil nodig sinds nog steeds de het een en van ik te dat die in is niet zijn op aan met als voor had er maar om hem dan zou of wat mijn men dit zo door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu geen omdat iets worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja eens hier wie werd altijd wordt kunnen ons zelf tegen na hallo bedankt graag waar goedemorgen goedemiddag werkt doet niets nooit niemand scherm printer batterij accu terug geld ontvangen wacht kapot weer gedaan goed slecht welke welk mijne jullie uw rekening factuur gekocht betalen winkel week jaar even valt weg alstublieft vraag bezorging komt kwam krijg begrepen',
  pl: 'i w z na nie się to do że jest o jak za po od ale co tak być może dla czy przez już tylko oraz są był moje mój moja proszę dzień dobry dziękuję nie mam mogę gdzie kiedy jestem który ten tego tej przy mi ma zrobić działa paczka paczki zamówienie zamówienia pieniądze zwrot dotrze rozumiem chcę zepsuty bardzo dlaczego cześć wieczór konto hasło',
  sv: 'och i att det som en på är av för med den till inte har de ett om var jag men så kan man från vi när ni mitt min mina hej tack hur varför där efter eller också skulle bli vill inte paket beställning pengar fungerar trasig förstår god morgon kväll vad vem betala faktura konto lösenord mycket bra dåligt ännu',
  da: "og i at det er en til på af for med som den de har ikke jeg et om var vi kan fra men så når min mit mine hej tak hvordan hvorfor hvor efter eller også skulle blive vil pakke ordre penge virker forstår god morgen aften hvad hvem hvornår betale faktura konto adgangskode meget dårligt endnu kommet henne du du'er mig dig noget",
  tr: 've bir bu da de için ile çok ben sen o ne var yok değil mi gibi daha kadar ama nasıl neden nerede merhaba teşekkürler lütfen benim olarak sonra şey bana istiyorum siparişim kaldı acaba paketim para iade çalışmıyor bozuk günaydın iyi kötü hesap şifre fatura gün zaman gelecek hiç',
  id: 'yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada mereka sudah bisa anda kami apa bagaimana terima kasih mohon belum pesanan',
  no: 'og i at det er en til på av for med som den de har ikke jeg et om var vi kan fra men så når min mitt mine hei takk hvordan hvorfor hvor etter eller også skulle bli vil meg deg noe pakken pakke ordre penger virker forstår hva hvem betale faktura konto passord veldig bra dårlig ennå kommet',
  fi: 'ja on ei se että en oli hän mutta tai kun niin minä sinä me te he tämä tuo mitä missä milloin miksi kuinka paljon vain myös jos ole olen olla minun sinun hei kiitos moi päivää huomenta tilaus tilaukseni paketti rahat toimi toimii rikki maksaa tilin salasana lasku voin haluan ennen jälkeen vielä kaikki',
  cs: 'a v na je se že s z do to o k ve za jako by ale jsem jsme jste jsou byl byla pro tak jak kde kdy proč co můj moje mé mi mě mám dobrý den ahoj děkuji díky prosím nefunguje objednávka objednávku zásilka balík peníze účet heslo faktura stojí kolik nebo už ještě není',
  hu: 'a az és hogy nem is egy van volt de ez meg csak már még mint vagy ha ki mi hol mikor miért mennyi mennyibe kerül hogyan szia köszönöm jó napot kérem csomag csomagom rendelés rendelésem pénz működik rossz fiók jelszó számla én nekem nincs kell',
  ro: 'și în la de cu pe un o este nu că să se din pentru mai care ce sunt am ai are cum unde când de ce cât meu mea mei bună ziua salut mulțumesc vă rog coletul comanda banii funcționează stricat cont parola factură costă dar sau foarte vreau',
  vi: 'và là của có không được cho một các với những này trong người tôi bạn khi đã đang sẽ thì mà ở đâu gì nào sao bao nhiêu xin chào cảm ơn đơn hàng tiền tài khoản mật khẩu',
};

/** Scripts that belong to one language, or nearly. */
const SCRIPTS: readonly (readonly [language: string, pattern: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['uk', /[іїєґ]/giu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
];

/** Share of its letters from which on a text is of a language that has letters of its own beside those of another. */
const OWN_LETTERS: Readonly<Record<string, number>> = { ja: 0.15, uk: 0.03 };

/** Letters that one language has and its neighbours lack. */
const LETTERS: readonly (readonly [language: string, pattern: RegExp])[] = [
  ['de', /[ßäöü]/g],
  ['es', /[ñ¿¡]/g],
  ['pt', /[ãõ]/g],
  ['fr', /[èêçœùàâî]|(?:\b[dljnscm]|qu)['’]/g],
  ['it', /[òìù]|\b(?:dell|nell|all|un|l)['’]/g],
  ['pl', /[łąęśżźćń]/g],
  ['sv', /[åäö]/g],
  ['da', /[æøå]/g],
  ['tr', /[ışğ]/g],
  ['nl', /ij\b|aa|oe/g],
  ['no', /[æøå]/g],
  ['fi', /ää|yy|uu|ii\b|[äö]/g],
  ['cs', /[ěřůčšž]/g],
  ['hu', /[őű]|sz|gy\b/g],
  ['ro', /[șțăâî]/g],
  ['vi', /[ơưđ\u1ea0-\u1ef9]/g],
  ['pt', /ç[ãõ]|ções|lh|nh/g],
];

const DICTIONARIES = Object.entries(FUNCTION_WORDS).map(
  ([language, words]) => [language, new Set(words.split(' '))] as const,
);

/** In how many languages a word stands: "no" tells less than "nicht". */
const SHARED = new Map<string, number>();
for (const [, dictionary] of DICTIONARIES) for (const word of dictionary) SHARED.set(word, (SHARED.get(word) ?? 0) + 1);

export interface DetectedLanguage {
  /** ISO 639-1, or "und" where the text gives no hint. */
  readonly language: string;
  /** Share of the evidence that speaks for it, 0 to 1. */
  readonly score: number;
}

/** Names the language of a text. Short texts give little evidence, and the score says so. */
export function detectLanguage(text: string): DetectedLanguage {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return { language: 'und', score: 0 };
  for (const [language, pattern] of SCRIPTS) {
    const share = (text.match(pattern)?.length ?? 0) / letters;
    // Japanese mixes its own letters with Chinese ones; Ukrainian has few that Russian lacks.
    if (share > (OWN_LETTERS[language] ?? 0.5)) return { language, score: Math.min(1, 0.5 + share / 2) };
  }
  const lower = text.toLowerCase();
  const words = lower.match(/[\p{L}'’]+/gu) ?? [];
  const evidence = new Map<string, number>();
  const add = (language: string, amount: number) => evidence.set(language, (evidence.get(language) ?? 0) + amount);
  for (const [language, dictionary] of DICTIONARIES) {
    for (const word of words) if (dictionary.has(word)) add(language, 1 / Math.sqrt(SHARED.get(word) ?? 1));
  }
  for (const [language, pattern] of LETTERS) add(language, 0.4 * Math.min(3, lower.match(pattern)?.length ?? 0));
  const total = [...evidence.values()].reduce((sum, amount) => sum + amount, 0);
  const [best] = [...evidence].sort((a, b) => b[1] - a[1]);
  if (best === undefined || best[1] === 0) return { language: 'und', score: 0 };
  return { language: best[0], score: best[1] / (total + 0.5) };
}
