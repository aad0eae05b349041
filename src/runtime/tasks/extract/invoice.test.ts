import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTotals, type FieldRule, readField, readLineItems } from './index.ts';

const flow = JSON.parse(readFileSync(new URL('../../../../flows/invoice/flow.json', import.meta.url), 'utf8')) as {
  readonly nodes: readonly { readonly id: string; readonly with?: { readonly fields?: readonly FieldRule[] } }[];
};
const rules = flow.nodes.find(({ id }) => id === 'read')?.with?.fields ?? [];

function read(text: string) {
  const record = Object.fromEntries(rules.map((rule) => [rule.name, readField(text, rule)?.value ?? null]));
  return { record, items: readLineItems(text) };
}

/** Layouts of many countries, made up for this test and in no evaluation set. */
const INVOICES: readonly (readonly [name: string, text: string, record: Record<string, unknown>, items: number])[] = [
  [
    'Italian, with a tax number that is no tax',
    'Studio Marchetti s.r.l.\nVia dei Mille 14, 20129 Milano\nP.IVA IT09876543210\n\nFATTURA n. 87/2025 del 03/11/2025\n\nSpett.le Officine Riva S.p.A.\n\nDescrizione                     Q.tà   Prezzo      Importo\nProgettazione logo                1    1.200,00    1.200,00\nRevisione sito web               12       75,00      900,00\n\nImponibile                                       € 2.100,00\nIVA 22%                                            € 462,00\nTOTALE FATTURA                                   € 2.562,00\n\nPagamento: bonifico a 30 giorni\n',
    { invoiceNumber: '87/2025', date: '2025-11-03', customer: 'Officine Riva S.p.A.', tax: 462, total: 2562 },
    2,
  ],
  [
    'a till receipt with a rate of three decimals',
    '*** RECEIPT ***\nCorner Hardware, 512 Main Street, Duluth MN\n06/14/2025 3:42 PM   Ticket 99018\n\nHammer 16oz            18.99\nWood screws #8 x2       7.98\nPaint brush             4.49\nSUBTOTAL               31.46\nMN TAX 8.875%           2.79\nTOTAL                 $34.25\nVISA ************4821  34.25\n',
    { invoiceNumber: '99018', supplier: 'Corner Hardware', taxRate: 8.875, tax: 2.79, total: 34.25 },
    3,
  ],
  [
    'quantities in front and currencies between',
    'Swiss Alpine Tools AG, Bahnhofstrasse 2, 7000 Chur\nINVOICE 2026-118    Date: 2026-03-04\nCustomer: Hotel Edelweiss\n3 Snow shovel CHF 49.50 CHF 148.50\n10 Ice grips CHF 12.00 CHF 120.00\nTotal excl. VAT CHF 268.50\nVAT 8.1% CHF 21.75\nTotal incl. VAT CHF 290.25\n',
    { supplier: 'Swiss Alpine Tools AG', currency: 'CHF', total: 290.25 },
    2,
  ],
  [
    'Czech',
    'Truhlářství Novák s.r.o.\nDlouhá 5, 110 00 Praha\n\nFaktura č. 2026014\nDatum vystavení: 3. března 2026\nDatum splatnosti: 17. března 2026\n\nStůl   2 ks   4 500,00 Kč   9 000,00 Kč\n\nZáklad daně   9 000,00 Kč\nDPH 21 %   1 890,00 Kč\nCelkem k úhradě   10 890,00 Kč\n',
    {
      invoiceNumber: '2026014',
      date: '2026-03-03',
      dueDate: '2026-03-17',
      supplier: 'Truhlářství Novák s.r.o.',
      currency: 'CZK',
      subtotal: 9000,
      tax: 1890,
      total: 10890,
    },
    1,
  ],
  [
    'Norwegian',
    'Fjord Elektro AS\nStrandgata 8, 5003 Bergen\nOrg.nr 987 654 321 MVA\n\nFaktura nr: 3307\nFakturadato: 12.02.2026\nForfallsdato: 26.02.2026\n\nTimer  6  950,00  5 700,00\n\nSum eks. MVA: 5 700,00\nMVA 25%: 1 425,00\nÅ betale: NOK 7 125,00\n',
    {
      invoiceNumber: '3307',
      date: '2026-02-12',
      dueDate: '2026-02-26',
      supplier: 'Fjord Elektro AS',
      currency: 'NOK',
      total: 7125,
    },
    1,
  ],
  [
    'Indian',
    'Sharma Textiles Pvt Ltd\nGSTIN: 27AAACS1234A1Z5\n\nTax Invoice\nInvoice No: ST/26/0098\nDate: 05/04/2026\n\nCotton fabric | 500 | ₹220.00 | ₹1,10,000.00\n\nTaxable value: ₹1,10,000.00\nIGST 5%: ₹5,500.00\nGrand Total: ₹1,15,500.00\n',
    {
      invoiceNumber: 'ST/26/0098',
      date: '2026-04-05',
      supplier: 'Sharma Textiles Pvt Ltd',
      currency: 'INR',
      subtotal: 110000,
      tax: 5500,
      total: 115500,
    },
    1,
  ],
  [
    'Turkish',
    'Deniz Mobilya A.S.\nFatura No: DM2026000123\nTarih: 09.05.2026\n\nSandalye   4   1.250,00 ₺   5.000,00 ₺\n\nAra Toplam   5.000,00 ₺\nKDV %20   1.000,00 ₺\nGenel Toplam   6.000,00 ₺\n',
    { invoiceNumber: 'DM2026000123', date: '2026-05-09', currency: 'TRY', subtotal: 5000, tax: 1000, total: 6000 },
    1,
  ],
  [
    'American contractor, plain words',
    'Hudson Fence & Deck\n55 Orchard Rd, Albany, NY 12203\n\nINVOICE 1187\nJune 2, 2026\n\nBill To: Karen Boyd\n\nCedar pickets (120 @ $3.25)   $390.00\nLabor - 14 hrs x $55.00 = $770.00\n\nSubtotal $1,160.00\nSales Tax (8%) $92.80\nTOTAL DUE $1,252.80\n',
    {
      invoiceNumber: '1187',
      date: '2026-06-02',
      supplier: 'Hudson Fence & Deck',
      currency: 'USD',
      subtotal: 1160,
      tax: 92.8,
      total: 1252.8,
    },
    2,
  ],
  [
    'French, date behind the number',
    'Boulangerie Les Trois Épis SARL\n3 place du Marché, 67000 Strasbourg\n\nFACTURE N° 2026-0455 du 8 avril 2026\nClient : Hôtel du Parc\n\nPains spéciaux | 40 | 3,20 € | 128,00 €\nViennoiseries | 60 | 1,10 € | 66,00 €\n\nTotal HT : 194,00 €\nTVA 5,5 % : 10,67 €\nNet à payer : 204,67 €\nIBAN FR14 2004 1010 0505 0001 3M02 606\n',
    {
      invoiceNumber: '2026-0455',
      date: '2026-04-08',
      supplier: 'Boulangerie Les Trois Épis SARL',
      currency: 'EUR',
      subtotal: 194,
      tax: 10.67,
      total: 204.67,
      iban: 'FR1420041010050500013M02606',
    },
    2,
  ],
  [
    'German, small business without tax',
    'Fotostudio Lena Brandt\nGoethestr. 14, 99423 Weimar\n\nRechnung\nRechnungs-Nr.: 2026-07\nRechnungsdatum: 1. Februar 2026\nZahlbar bis: 15.02.2026\n\nPortraitaufnahmen\t3 Std.\t90,00 €\t270,00 €\nAbzüge\t12 Stk.\t4,50 €\t54,00 €\n\nGesamtbetrag: 324,00 €\nGemäß § 19 UStG wird keine Umsatzsteuer berechnet.\n',
    {
      invoiceNumber: '2026-07',
      date: '2026-02-01',
      dueDate: '2026-02-15',
      supplier: 'Fotostudio Lena Brandt',
      currency: 'EUR',
      tax: null,
      total: 324,
    },
    2,
  ],
  [
    'Japanese figures',
    '株式会社サクラ\n請求書\n請求書番号 No. S-2201\n2026年3月31日\n\nDesign work  1  ¥150,000  ¥150,000\n\nSubtotal  ¥150,000\nConsumption tax 10%  ¥15,000\nTotal  ¥165,000\n',
    { invoiceNumber: 'S-2201', date: '2026-03-31', currency: 'JPY', total: 165000, tax: 15000 },
    1,
  ],
];

describe('an invoice', () => {
  it.each(INVOICES)('is read whatever its layout: %s', (_, text, due, count) => {
    const { record, items } = read(text);
    expect(record).toMatchObject(due);
    expect(items.map(({ description }) => description)).toHaveLength(count);
    expect(checkTotals(record, items).checks.filter(({ isRight }) => !isRight)).toEqual([]);
  });

  it('says which sum is wrong', () => {
    const text =
      'Oak & Iron Ltd\nInvoice no 9\nDate: 2026-01-05\n\nDesk  2  £100.00  £200.00\n\nSubtotal £200.00\nVAT 20% £40.00\nTotal £250.00\n';
    const { record, items } = read(text);
    expect(checkTotals(record, items)).toMatchObject({
      isRight: false,
      checks: expect.arrayContaining([{ name: 'subtotal + tax = total', isRight: false, expected: 240, found: 250 }]),
    });
  });
});
