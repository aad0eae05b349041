"""Makes flows/invoice/test.jsonl: 40 invoices in eight layouts and three languages, with what must be read out of each.

    python scripts/goldens/invoices.py        (needs nothing)
"""

import json
import random
from pathlib import Path

OUT = Path(__file__).parent.parent.parent / "flows/invoice/test.jsonl"
rnd = random.Random(11)
GOODS = [("Desk lamp", 39.5), ("Office chair", 189.0), ("Website hosting, 12 months", 120.0), ("Consulting", 95.0), ("Paper A4, box", 24.9), ("Translation", 0.14), ("Oak board 2 m", 61.25), ("Bicycle tyre", 32.0), ("Garden hose", 27.8), ("Photo session", 350.0), ("Licence renewal", 499.0), ("Coffee beans 5 kg", 84.6)]
SUPPLIERS = ["Brightside Ltd", "Fernwood Supplies Inc.", "Kessler & Söhne GmbH", "Atelier Moreau SARL", "Harbour Print Co", "Tanaka Systems LLC", "Olmo Studio S.r.l.", "Blue Heron Consulting"]
CUSTOMERS = ["Meyer Logistics AG", "Stonebridge School", "Café Lumière", "Northgate Clinic", "Pinewood Books"]
MONTHS = "January February March April May June July August September October November December".split()


def us(v):
    return f"{v:,.2f}"


def eu(v):
    return us(v).replace(",", "_").replace(".", ",").replace("_", ".")


def goods():
    rows = []
    for name, price in rnd.sample(GOODS, rnd.randint(1, 4)):
        quantity = rnd.choice([1, 2, 3, 5, 8, 12]) if price > 1 else rnd.choice([800, 1250])
        rows.append((name, quantity, price, round(quantity * price, 2)))
    return rows


def invoice(index):
    layout, number = index % 8, 2000 + index * 37
    rows, rate = goods(), [20, 8, 19, 20, 0, 7, 22, 10][layout]
    net = round(sum(row[3] for row in rows), 2)
    tax = round(net * rate / 100, 2)
    total = round(net + tax, 2)
    y, m, d = 2023 + index % 3, rnd.randint(1, 12), rnd.randint(1, 28)
    iso = f"{y}-{m:02d}-{d:02d}"
    supplier, customer = SUPPLIERS[layout], CUSTOMERS[index % 5]
    fields = {"date": iso, "supplier": supplier, "total": total}
    if layout == 0:
        code, text = f"INV-{number}", f"{supplier}\n12 Canal Street, Bristol BS1 4AB\nVAT Reg GB123456789\n\nINVOICE\nInvoice number: INV-{number}\nInvoice date: {d} {MONTHS[m-1]} {y}\nBill to: {customer}\n\nDescription  Qty  Unit price  Amount\n"
        text += "".join(f"{n}   {q}   £{us(p)}   £{us(a)}\n" for n, q, p, a in rows) + f"\nSubtotal   £{us(net)}\nVAT ({rate}%)   £{us(tax)}\nTotal due   £{us(total)}\n\nThank you for your business."
        fields |= {"currency": "GBP", "tax": tax, "subtotal": net}
    elif layout == 1:
        code, text = f"{number}-A", f"{supplier}\n400 Pine Ave, Suite 12, Austin, TX 78701\n\nInvoice #{number}-A        Date: {m:02d}/{d:02d}/{y}\n\nBILL TO\n{customer}\n\n| Item | Quantity | Rate | Amount |\n|---|---|---|---|\n"
        text += "".join(f"| {n} | {q} | ${us(p)} | ${us(a)} |\n" for n, q, p, a in rows) + f"\nSub-total: ${us(net)}\nSales tax 8%: ${us(tax)}\nAmount due: ${us(total)}\n"
        fields |= {"currency": "USD", "tax": tax, "subtotal": net}
    elif layout == 2:
        code, text = f"RE-{y}-{number}", f"{supplier}\nAm Markt 3, 50667 Köln\n\nRechnung\n\nRechnungsnummer: RE-{y}-{number}\nRechnungsdatum: {d:02d}.{m:02d}.{y}\nKunde: {customer}\n\nPos  Bezeichnung   Menge   Einzelpreis   Betrag\n"
        text += "".join(f"{i}    {n}    {q}    {eu(p)} €    {eu(a)} €\n" for i, (n, q, p, a) in enumerate(rows, 1)) + f"\nZwischensumme    {eu(net)} €\nMwSt. 19 %    {eu(tax)} €\nGesamtbetrag    {eu(total)} €\n\nIBAN: DE89 3704 0044 0532 0130 00\n"
        fields |= {"currency": "EUR", "tax": tax, "subtotal": net, "iban": "DE89370400440532013000"}
    elif layout == 3:
        code, text = f"F{number}", f"{supplier}\n8 rue des Lilas, 69003 Lyon\n\nFACTURE N° F{number}\nDate : {d:02d}/{m:02d}/{y}\nFacturé à : {customer}\n\nDésignation | Qté | P.U. HT | Total HT\n"
        text += "".join(f"{n} | {q} | {eu(p)} € | {eu(a)} €\n" for n, q, p, a in rows) + f"\nTotal HT : {eu(net)} €\nTVA 20 % : {eu(tax)} €\nTotal TTC : {eu(total)} €\n"
        fields |= {"currency": "EUR", "tax": tax}
        if d <= 12:
            text = text.replace(f"Date : {d:02d}/{m:02d}/{y}", f"Date : {d:02d}.{m:02d}.{y}")
    elif layout == 4:
        code, text = f"HP{number}", f"From: {supplier}\nTo: {customer}\n\nRef. HP{number}, issued {MONTHS[m-1]} {d}, {y}\nInvoice no HP{number}\n\n"
        text += "".join(f"{q} x {n} @ {us(p)} = {us(a)}\n" for n, q, p, a in rows) + f"\nTotal: USD {us(total)}\nPayable within 14 days. No VAT charged."
        fields |= {"currency": "USD"}
    elif layout == 5:
        code, text = f"TS/{y}/{number}", f"TAX INVOICE\n\nSeller: {supplier}\nBuyer: {customer}\nInvoice No.: TS/{y}/{number}\nIssue date: {iso}\nDue date: {y + 1}-01-31\n\nNo\tDescription\tQty\tPrice\tTotal\n"
        text += "".join(f"{i}\t{n}\t{q}\t{us(p)}\t{us(a)}\n" for i, (n, q, p, a) in enumerate(rows, 1)) + f"\nNet total\t{us(net)}\nGST 7%\t{us(tax)}\nGrand total (SGD)\tSGD {us(total)}\n"
        fields |= {"currency": "SGD", "tax": tax, "dueDate": f"{y + 1}-01-31"}
    elif layout == 6:
        code, text = f"{number}/{y}", f"{supplier}\nVia Roma 21, 20121 Milano\n\nFattura n. {number}/{y}\nData: {d:02d}/{m:02d}/{y}\nCliente: {customer}\n\n"
        if d <= 12:
            text = text.replace(f"{d:02d}/{m:02d}/{y}\nCliente", f"{d} {['gennaio','febbraio','marzo','aprile','maggio','giugno','luglio','agosto','settembre','ottobre','novembre','dicembre'][m-1]} {y}\nCliente")
        text += "".join(f"{n}   {q}   {eu(p)}   {eu(a)}\n" for n, q, p, a in rows) + f"\nImponibile   EUR {eu(net)}\nIVA 22%   EUR {eu(tax)}\nTotale   EUR {eu(total)}\n"
        fields |= {"currency": "EUR", "tax": tax}
    else:
        code, text = f"BHC-{number}", f"{supplier}\n\nInvoice ID   Invoice date   Due date\nBHC-{number}   {d} {MONTHS[m-1][:3]} {y}   {28} Dec {y}\n\nCustomer: {customer}\n\nServices rendered:\n"
        text += "".join(f"- {n}: {q} hrs x €{us(p)} = €{us(a)}\n" for n, q, p, a in rows) + f"\nNet amount €{us(net)}\nVAT 10% €{us(tax)}\nBalance due €{us(total)}\n"
        fields |= {"currency": "EUR", "tax": tax, "dueDate": f"{y}-12-28"}
    fields["invoiceNumber"] = code
    return {"text": text, "fields": fields, "lines": len(rows)}


OUT.write_text("".join(json.dumps(invoice(i), ensure_ascii=False) + "\n" for i in range(40)))
print(OUT)
