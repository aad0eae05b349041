/** ISO 13616: rearranged, letters as numbers, the remainder by 97 is 1. */
export function isIban(text: string): boolean {
  const plain = text.replace(/[ -]/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(plain)) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = /\d/.test(sign) ? sign : String(sign.charCodeAt(0) - 55);
    for (const figure of value) rest = (rest * 10 + Number(figure)) % 97;
  }
  return rest === 1;
}

/** ISO/IEC 7812: the Luhn sum is divisible by ten. */
export function isCardNumber(text: string): boolean {
  const figures = text.replace(/\D/g, '');
  if (figures.length < 13 || figures.length > 19 || /^(\d)\1+$/.test(figures)) return false;
  let sum = 0;
  for (let at = 0; at < figures.length; at++) {
    const figure = Number(figures[figures.length - 1 - at]);
    const doubled = at % 2 === 1 ? figure * 2 : figure;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
