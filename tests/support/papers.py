"""What a PDF or a workbook says, as a reader would copy it."""

import io

import pypdfium2
from python_calamine import CalamineWorkbook


def words_of(pdf: bytes) -> str:
    """The text of all pages without any blanks or line ends."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            text = page.get_textpage()
            pages.append(text.get_text_range())
            text.close()
            page.close()
        return "".join("".join(pages).split())
    finally:
        document.close()


def pages_of(pdf: bytes) -> int:
    """How many pages there are."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def cells_of(workbook: bytes) -> str:
    """Every cell of every sheet of an XLSX file."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join("\t".join(map(str, row)) for row in rows)
