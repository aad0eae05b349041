import { zipSync } from 'fflate';

/** One line of text on a page: its size, and where its baseline is, in points. */
interface Line {
  readonly text: string;
  readonly y: number;
  readonly size?: number;
  /** From the left edge; absent: 50. */
  readonly x?: number;
}

/** For tests: a PDF with the given lines, written out by hand so that nothing about it is a secret. */
export function samplePdf(pages: readonly (readonly Line[])[]): Uint8Array<ArrayBuffer> {
  const objects: string[] = [];
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(' ');
  objects.push('<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>');
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  for (const [index, lines] of pages.entries()) {
    const content = lines
      .map(({ text, y, size = 12, x = 50 }) => `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${text}) Tj ET`)
      .join('\n');
    const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${4 + index * 2} 0 R /Resources << /Font << /F1 ${font} >> >> >>`,
    );
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  let file = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`;
  return new TextEncoder().encode(file);
}

/** For tests: a DOCX whose document.xml has this body. */
export function sampleDocx(body: string, prolog = ''): Uint8Array<ArrayBuffer> {
  const xml = `<?xml version="1.0"?>${prolog}<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`;
  return new Uint8Array(
    zipSync({ 'word/document.xml': new TextEncoder().encode(xml), 'word/vba.bin': new Uint8Array(9) }),
  );
}
