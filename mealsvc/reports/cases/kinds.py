"""The papers of cases: title, letters of the short number, who holds copies. Pure."""

from mealsvc.reports.supervision.catalogue import Kind

QUESTION = Kind("question", "核查询问通知书", "XW", ("送被询问单位", "存入案卷"), ())
FILE = Kind("case", "核查案卷", "AJ", ("区民政局存档",), ())
LETTER = Kind("case-letter", "移送函", "HY", ("送接收部门", "存入案卷"), ())
