import { describe, expect, it } from 'vitest';
import { redact } from './index.ts';

/** Text → what must be gone; all else must be there. Inputs made up for this test, in no evaluation set. */
const PERSONAL: readonly (readonly [text: string, ...gone: string[]])[] = [
  ['Hola, soy Marta Gil Romero, vivo en la Calle Serrano 12, 28001 Madrid.', 'Marta Gil Romero', 'Calle Serrano 12'],
  ['DNI 12345678Z, móvil 655 44 33 22', '12345678Z', '655 44 33 22'],
  ['Send it to account number 0012-334455, routing 021000021.', '0012-334455', '021000021'],
  ['My NI number is QQ123456C and my driving licence number is JONES 803156 D99XX.', 'QQ123456C', '803156', 'D99XX'],
  [
    'Ich bin Dr. Katharina Weiß, geb. 12.04.1975, Am Alten Markt 7, 18055 Rostock.',
    'Katharina Weiß',
    '12.04.1975',
    'Am Alten Markt 7',
  ],
  [
    'Bonjour, je suis Élodie Marchand, 12 bis rue Victor Hugo, 44000 Nantes.',
    'Élodie Marchand',
    '12 bis rue Victor Hugo',
  ],
  ['I live at 27 Rue de Rivoli, 75004 Paris.', '27 Rue de Rivoli', '75004 Paris'],
  ['Unit 4B, 118 Queens Road, London SE15 2EZ', '4B', '118 Queens Road', 'SE15', '2EZ'],
  ['Driver license D1234567, plate 7ABC123, password hunter2!', 'D1234567', '7ABC123', 'hunter2!'],
  ['Patient: Lindqvist, Karin. Diagnosis: asthma.', 'Lindqvist', 'Karin'],
  ['Numéro de sécurité sociale 2 85 05 78 006 084 36', '2 85 05 78 006 084 36'],
  [
    'The reporter, Chukwuemeka Obi, was seen with Fatoumata Diallo near the station.',
    'Chukwuemeka Obi',
    'Fatoumata Diallo',
  ],
  ['Cc: "Müller, Hans" <h.mueller@werk.example>', 'Müller', 'Hans', 'h.mueller@werk.example'],
  ['Charge my Mastercard 5555 5555 5555 4444 (CVC 123).', '5555 5555 5555 4444', '123'],
  ['JOHN SMITH, 45 Elm St Apt 3B, Springfield, IL 62704, (217) 555-0134', 'JOHN SMITH', '45 Elm St', '555-0134'],
  [
    'Zofia Kowalska, ul. Marszałkowska 10/4, 00-590 Warszawa, PESEL 44051401359',
    'Zofia Kowalska',
    'Marszałkowska 10',
    '44051401359',
  ],
  [
    'AWS AKIAIOSFODNN7EXAMPLE, JWT eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123',
    'AKIAIOSFODNN7EXAMPLE',
    'eyJzdWIi',
  ],
  [
    'CPF 123.456.789-09, Rua Augusta 1500, fale com Thiago Ribeiro pelo telefone (11) 91234-5678.',
    '123.456.789-09',
    'Rua Augusta 1500',
    'Thiago Ribeiro',
    '91234-5678',
  ],
  [
    'Codice fiscale RSSMRA85T10A562S, nato il 10/12/1985, Via Giuseppe Verdi 3, 20121 Milano',
    'RSSMRA85T10A562S',
    '10/12/1985',
    'Via Giuseppe Verdi 3',
  ],
  ['Met vriendelijke groet,\nJeroen van der Berg', 'Jeroen', 'Berg'],
  ['MAC 00:1A:2B:3C:4D:5E and host fe80::1ff:fe23:4567:890a', '00:1A:2B:3C:4D:5E', 'fe80::1ff:fe23:4567:890a'],
  ["Anna's phone is 07700 900123. Tell Anna Kowalczyk-Nowak too.", 'Anna', '07700 900123', 'Kowalczyk-Nowak'],
  ['Personnummer 850709-9805, Storgatan 12, 114 55 Stockholm.', '850709-9805', 'Storgatan 12'],
  ['Client: Nguyễn Văn An, phone +84 91 234 56 78', 'Nguyễn Văn An', '91 234 56 78'],
  ['Frau Dr. med. Ines Albers, Tel. (040) 123 45-67', 'Ines Albers', '123 45-67'],
  ['BTC wallet bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq'],
  ['王小明的电话是 13800138000', '13800138000'],
  ['I, J. R. Winterbourne, swear that password: "blu3-sky!" is mine.', 'Winterbourne', 'blu3-sky'],
  ['IBAN ES91 2100 0418 4502 0005 1332, BIC CAIXESBBXXX', 'ES91 2100', 'CAIXESBBXXX'],
  ['Instagram @lena.draws, Mastodon @lena@social.example', 'lena.draws', 'social.example'],
  ['github.com/octo-anna and https://www.linkedin.com/in/anna-b-77/', 'octo-anna', 'anna-b-77'],
  ['Discord: lotte_99 or lotte#4521', 'lotte_99', 'lotte#4521'],
  ['max (at) firma punkt de, eva[at]mail[dot]example[dot]org, ida at posteo dot net', 'max', 'firma', 'eva', 'ida'],
  ['CLIENT_SECRET=Zx81-qq and postgres://root:hunter2@db:5432/app', 'Zx81-qq', 'hunter2'],
];

/** Nothing in these is personal. */
const HARMLESS: readonly string[] = [
  'The quick brown fox jumps over 3 lazy dogs in 2024 for $20.',
  'Terms and Conditions of Microsoft Office apply in the United Kingdom from Monday 3 March.',
  'Our Customer Service in New York is open until 5 pm.',
  'Order #55821 for 3 units shipped to Germany on 12 March 2024.',
  'Build 10.4.2 passed 1,284 of 1,290 tests in 00:12:45.',
  'Room 12B. Budget 1,200 EUR. Chapter 7, page 33.',
  'Rate @ 60 per hour, see @media print, issue#1234, version 10.2.0.1, signal is 5.4 dB.',
  'ISBN 978-3-16-148410-0, part no. 4410-22.',
];

describe('redaction', () => {
  it.each(PERSONAL)('takes what is personal out of %j', (text, ...gone) => {
    const clean = redact(text).text;
    for (const part of gone) expect(clean).not.toContain(part);
    expect(clean).toMatch(/\[[A-Z_]+_\d+\]/);
  });

  it.each(HARMLESS)('leaves %j as it is', (text) => {
    expect(redact(text).text).toBe(text);
  });

  it('calls no number a card whose sum is wrong, and gives one person one placeholder', () => {
    expect(redact('Part 5555 5555 5555 4443 is in stock.').text).not.toContain('[CARD');
    expect(redact('Anna Keller called. Ms Keller will call again.').text).toBe(
      '[PERSON_1] called. Ms [PERSON_1] will call again.',
    );
  });
});
