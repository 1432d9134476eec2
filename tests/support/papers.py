"""What a PDF says, as a reader would copy it."""

import pypdfium2


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
