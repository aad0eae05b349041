/** First names of many countries: a capitalised word behind one of them is a family name. */
export const FIRST_NAMES: ReadonlySet<string> = new Set(
  `uwe paolo paola olu ulrich jürgen juergen heike helga inge silke sven torsten thorsten matteo lorenzo francesco alessandro alessia chiara giorgio luigi enzo
  aurelie amelie antoine camille celine chantal etienne francois guillaume henri isabelle jacques laurent luc mathieu nathalie odile olivier
  pascal philippe sylvie thierry yves alvaro beatriz carolina catalina cristina dolores enrique esteban eduardo felipe francisco guillermo
  ignacio joaquin juana lorena lourdes luisa manuela mercedes paloma ramon raul rocio ruben salvador sergio soledad vicente yolanda ewa
  krzysztof magda malgorzata pawel piotr tomasz zofia agnieszka freja gunnar helle henrik ida jens kirsten lasse magnus mette mikkel morten
  niels pernille rasmus signe soren stig thor aditi amit anil anjali ankit deepak divya gaurav kavya lakshmi manish meera nikhil pooja
  prakash rahul rajesh ravi rohan sanjay shreya sneha suresh varun vijay vikram haruto hina kaito sakura yuto minho mehmet mustafa ayse
  emre elif zeynep burak abdul bilal hamza khalid layla mariam nour rania salma samir tariq youssef chidi ngozi emeka kwame amara thabo
  aaron abigail adam ahmed aisha alan albert alejandro alex alexander alexandra ali alice alicia allison amanda amelia amina amy ana anders andrea
  andreas andrew angela anita anja anna anne annika anthony antonio arjun arthur ashley astrid ayumi barbara beatrice ben benjamin bernard
  beth bianca birgit bjorn brandon brenda brian bruno camila carla carlos carmen carol caroline catherine cecilia charles charlotte chen chloe chris
  christian christina christine christopher claire clara claudia craig cynthia daniel daniela david deborah denise dennis derek diana diego
  dimitri dominic donald dorothy edward elena eleanor eli elizabeth ella ellen emilia emily emma eric erik erika esther eva evan evelyn fabio fatima
  felix fernando fiona florian francesca francis frank frederic gabriel gareth gary george gerald giovanni giulia grace graham greg gregory greta
  hannah hans harold harry hassan heather helen helena henry hiroshi hugo ian ibrahim ines ingrid irene isabel isabella ivan jack jacob james jan
  jane janet jason javier jean jennifer jeremy jessica jill joan joanna joao joe joel johan johann john jonas jonathan jorge jose joseph joshua
  juan judith julia julian julie julien juliette karen karin karl kate katherine katja keiko keith kelly kenji kevin kim klaus kofi laila lars laura
  lauren leah lee lena leo leon leonardo liam lily linda lisa louise luca lucas lucia lucy luis lukas luke maja manuel marc marco marcus margaret
  maria marie marina mario marion mark markus marta martha martin mary mateo matthew matthias maya megan mei melissa michael michelle miguel mike
  mila miriam mohamed mohammed monica nadia nancy natalia natalie nathan neha nicholas nicole nikolai nina noah nora olga oliver olivia omar
  oscar pablo pamela patricia patrick paul paula pedro peter petra philip philipp pierre priya rachel rafael raj rebecca renata ricardo richard
  rita robert roberto robin roger ronald rosa rose ruth ryan sabine sally samantha samuel sandra sara sarah sean sebastian sergei sharon
  silvia simon sofia sonia sophia sophie stefan stefano stephanie stephen steve steven stuart sunita susan susanne sven sylvia takeshi tanja tara teresa
  theo theresa thomas tim timothy tobias tom tomas tyler ursula valentina vanessa vera veronica victor victoria vincent virginia walter wei
  wendy werner william wolfgang xavier yasmin yuki yusuf yvonne zainab zoe`
    .split(/\s+/)
    .filter(Boolean),
);

/** Countries and large cities, as people write them. */
export const PLACES: ReadonlySet<string> = new Set(
  `Afghanistan|Argentina|Australia|Austria|Bangladesh|Belgium|Brazil|Bulgaria|Canada|Chile|China|Colombia|Croatia|Czech Republic|Denmark|Egypt|Estonia|
  Ethiopia|Finland|France|Germany|Ghana|Greece|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Japan|Kenya|Latvia|Lithuania|Luxembourg|
  Malaysia|Mexico|Morocco|Netherlands|New Zealand|Nigeria|Norway|Pakistan|Peru|Philippines|Poland|Portugal|Qatar|Romania|Russia|Saudi Arabia|Scotland|
  Serbia|Singapore|Slovakia|Slovenia|South Africa|South Korea|Spain|Sweden|Switzerland|Taiwan|Thailand|Tunisia|Turkey|Ukraine|United Arab Emirates|
  United Kingdom|United States|Uruguay|Venezuela|Vietnam|Wales|England|Europe|Asia|Africa|California|Texas|Florida|Bavaria|Delaware|
  Amsterdam|Athens|Atlanta|Auckland|Austin|Bangkok|Barcelona|Beijing|Belfast|Berlin|Bern|Birmingham|Bogota|Bologna|Bordeaux|Boston|Bremen|Bristol|
  Brisbane|Brussels|Bucharest|Budapest|Buenos Aires|Cairo|Cape Town|Chicago|Cologne|Copenhagen|Dallas|Delhi|Denver|Detroit|Dresden|Dubai|Dublin|
  Edinburgh|Frankfurt|Geneva|Glasgow|Hamburg|Hanover|Helsinki|Hong Kong|Houston|Istanbul|Jakarta|Johannesburg|Kyiv|Kyoto|Lagos|Leeds|Leipzig|Lille|
  Lisbon|Liverpool|London|Los Angeles|Lyon|Madrid|Manchester|Manila|Marseille|Melbourne|Miami|Milan|Montreal|Moscow|Mumbai|Munich|Nairobi|Naples|
  New Delhi|New York|Osaka|Oslo|Ottawa|Paris|Philadelphia|Porto|Portland|Prague|Rome|Rotterdam|San Francisco|San Diego|Santiago|Sao Paulo|Seattle|
  Seoul|Seville|Shanghai|Sofia|Stockholm|Stuttgart|Sydney|Tallinn|Tel Aviv|Tokyo|Toronto|Toulouse|Turin|Valencia|Vancouver|Vienna|Warsaw|Washington|
  Wellington|Zagreb|Zurich`
    .split(/\s*\|\s*/)
    .map((name) => name.trim()),
);

/** What company names end in. */
export const COMPANY_ENDINGS =
  'Pvt\\.? Ltd|Co\\.,? Ltd|Sp\\. z o\\.o|sp\\. z o\\.o|s\\.r\\.o|d\\.o\\.o|Kft|Zrt|A\\.S|a\\.s|e\\.K|e\\.V|OHG|GbR|mbH|EURL|SCI|SNC|S\\.n\\.c|S\\.a\\.s|S\\.L\\.U|S\\.L|SL|Lda|Ltda|S\\.A\\.S|OÜ|ASA|AS|Oyj|VOF|V\\.O\\.F|Bros|Brothers|Sons|Inc|Incorporated|LLC|L\\.L\\.C|Ltd|Limited|PLC|plc|LLP|Corp|Corporation|Co|Company|GmbH|AG|KG|SE|UG|S\\.A|SA|SAS|SARL|S\\.r\\.l|SRL|SpA|S\\.p\\.A|BV|B\\.V|NV|N\\.V|AB|Oy|ApS|A/S|Pty Ltd|Group|Holdings|Partners|Bank|University|Institute|Foundation|Association|Labs|Systems|Technologies|Solutions|Logistics|Insurance|Airlines|Studios?';
