"""Forms of the public verification page."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from mealsvc.plumbing.forms import line


class PaperForm(FlaskForm):
    """What is printed at the foot of a paper."""

    number = line("编号", "请输入编号，印在文件每页的左下角。")
    code = line("校验码", "请输入校验码，印在编号后面。")


class FileForm(FlaskForm):
    """The file itself."""

    file = FileField("PDF 文件", [FileRequired("请选择要核对的 PDF 文件。")])
