"""Every paper of supervision: its title, who holds copies, and each field with its basis. Pure.

`label`s are the words that the drawing prints; a test looks for each of them on the drawn paper.
"""

from dataclasses import dataclass

STATE54 = "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"
FORMS = "司法部行政检查文书格式（审批、通知、笔录等七种）"
ORDER49 = "《食品生产经营监督检查管理办法》（总局令第49号）"
CARE = "《养老机构行政检查办法》"
FOOD57 = "《食品安全法》第五十七条"
ESIGN = "《电子签名法》第十三条、第十四条"
GB9704 = "GB/T 9704—2012《党政机关公文格式》"
OWN = "系统约定"
AGREEMENT = "服务协议"
CIVIL = "《民事诉讼法》关于送达的规定（参照）"

INSPECTED, FILE, TOWN = "送被检查单位", "区民政局存档", "送所在镇（街道）"
COUNTS = {1: "一", 2: "两", 3: "三", 4: "四"}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a paper must say; `verified`: the basis was read in its own text."""

    label: str
    basis: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of paper. `letters` begin its short number at the foot of each page."""

    code: str
    title: str
    letters: str
    holders: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def copies(self) -> str:
        """本文书一式两份：一份送被检查单位，一份区民政局存档。"""
        each = "，".join(f"一份{holder}" for holder in self.holders)
        return f"本文书一式{COUNTS[len(self.holders)]}份：{each}。"


def _fields(*rows: tuple[str, str] | tuple[str, str, bool]) -> tuple[Field, ...]:
    return tuple(Field(row[0], row[1], len(row) > 2) for row in rows)


COMMON = _fields(
    ("校验码", "系统约定：纸质文书可在公开页面核对"),
    ("本文书一式", f"{OWN}；{FORMS}"),
)
_OBJECT = (
    ("检查对象", FORMS),
    ("编号", OWN),
    ("地址", f"{ORDER49}；{FORMS}"),
    ("运营单位", f"{FORMS}；GB 32100—2015"),
)
_SIGNED = (
    ("签名", f"{ORDER49}第三十四条；{ESIGN}", True),
    ("见证人", f"{ORDER49}第三十四条", True),
)
_REFUSED = (("拒绝签名", f"{ORDER49}第三十四条", True),)

PAPERS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "plan",
            "检查计划（审批表）",
            "JH",
            (FILE,),
            _fields(
                ("计划名称", OWN),
                ("检查种类", STATE54),
                ("检查方式", "检查表评分规则"),
                ("任务来源", FORMS),
                ("检查事项", f"{STATE54}；{FORMS}"),
                ("检查依据", f"{STATE54}；{FORMS}"),
                ("检查日期", FORMS),
                ("检查对象", FORMS),
                ("检查人员（证号）", f"{ORDER49}第二十三条、第二十四条", True),
                ("本年次数/上限", f"{STATE54}：公布年度检查频次上限"),
                ("抽取种子", "国办发〔2015〕58号：双随机抽查；系统约定：任何人可复算"),
                ("权重", f"{CARE}：按信用风险分类确定抽查比例；系统约定"),
                ("审批意见", f"{FORMS}：先审批后检查"),
                ("审批人", FORMS),
            ),
        ),
        Kind(
            "notice",
            "检查通知书",
            "TZ",
            (INSPECTED, FILE),
            _fields(
                ("检查单位", FORMS),
                ("检查人员", f"{ORDER49}第二十三条", True),
                *_OBJECT[:1],
                ("检查种类", STATE54),
                ("检查时间", f"{CARE}：提前3个工作日书面通知"),
                ("检查地点", FORMS),
                ("检查事项", STATE54),
                ("检查依据", STATE54),
                ("申请回避", f"{ORDER49}第二十三条；{FORMS}", True),
                ("陈述", FORMS),
                ("有权拒绝检查", f"{ORDER49}第二十四条；{FORMS}", True),
                ("五个严禁", STATE54),
                ("联系人和电话", FORMS),
                ("签收", FORMS),
            ),
        ),
        Kind(
            "record",
            "现场检查笔录",
            "BL",
            (INSPECTED, FILE),
            _fields(
                *_OBJECT,
                ("负责人", FORMS),
                ("电话", FORMS),
                ("检查种类", STATE54),
                ("检查起止时间", f"{FORMS}：起止时间到分"),
                ("检查地点", FORMS),
                ("检查人员（证号）", f"{ORDER49}第二十三条：两名以上检查人员", True),
                ("出示证件", f"{ORDER49}第二十四条", True),
                ("是否申请回避", f"{ORDER49}第二十三条；{FORMS}", True),
                ("检查内容", f"{ORDER49}第二十条；检查表", True),
                ("查见情况", f"{FORMS}：逐项记录事实，不作评判"),
                ("清点份数", "检查项SUB-02；区补贴办法"),
                ("抽样和照片", f"{ORDER49}第三十四条；{FORMS}", True),
                ("摘要", f"{ESIGN}：能发现改动"),
                ("被检查单位的说明", FORMS),
                *_SIGNED,
                *_REFUSED,
                ("捺指印", f"{FORMS}：涂改处捺指印或者签名"),
                ("第1页", f"{FORMS}：每页编号、逐页签名"),
            ),
        ),
        Kind(
            "result",
            "检查结果告知书",
            "GZ",
            (INSPECTED, FILE),
            _fields(
                *_OBJECT[:1],
                ("检查时间", FORMS),
                ("得分", "检查表评分规则"),
                ("等级", "检查表评分规则：关键项不合格定为最低等级"),
                ("检查依据", STATE54),
                ("未通过项目", f"{ORDER49}第三十五条：当场书面告知结果", True),
                ("处理", f"{ORDER49}第三十二条、第三十三条", True),
                ("下一步", f"{ORDER49}第三十三条", True),
                ("陈述", FORMS),
                ("签收", FORMS),
            ),
        ),
        Kind(
            "order",
            "整改通知书",
            "ZG",
            (INSPECTED, FILE, TOWN),
            _fields(
                ("查见的事实", f"{ORDER49}第三十三条：书面提出整改要求", True),
                ("项目", "检查表：编号固定不变"),
                ("依据", f"{ORDER49}第三十三条；检查表各项依据", True),
                ("整改要求", f"{ORDER49}第三十三条", True),
                ("整改期限", f"{ORDER49}第三十三条；系统参数“限期整改”", True),
                ("逾期后果", f"{AGREEMENT}；{ORDER49}第四十条（约谈）", True),
                ("报告方式", OWN),
                ("投诉渠道", "政务服务便民热线；系统参数"),
                ("不是行政处罚", f"{FOOD57}第二款：主管部门日常管理；市场监管部门负责处罚", True),
                ("签收", FORMS),
            ),
        ),
        Kind(
            "reply",
            "整改报告",
            "BG",
            (FILE,),
            _fields(
                ("整改通知书", f"{ORDER49}第三十三条", True),
                ("原因", OWN),
                ("整改措施", f"{ORDER49}第三十三条", True),
                ("完成日期", OWN),
                ("责任人", OWN),
                ("整改前", OWN),
                ("整改后", OWN),
                ("签名", ESIGN, True),
            ),
        ),
        Kind(
            "reinspection",
            "复查意见书",
            "FC",
            (INSPECTED, FILE),
            _fields(
                ("整改通知书", f"{ORDER49}第三十三条：跟踪复查并记录结果", True),
                ("复查日期", OWN),
                ("复查人员（证号）", f"{ORDER49}第二十三条：两名以上", True),
                ("复查结果", f"{ORDER49}第三十三条", True),
                ("证据", FORMS),
                ("复查结论", f"{ORDER49}第三十三条", True),
                ("下一步", OWN),
                *_SIGNED,
                *_REFUSED,
            ),
        ),
        Kind(
            "referral",
            "移送函",
            "YS",
            ("送受送机关", FILE),
            _fields(
                ("基本事实", "《食品安全法》第六条、第一百一十五条等关于部门协作和通报的规定"),
                ("证据材料", OWN),
                ("联系人", GB9704),
                ("回执", f"{OWN}；{GB9704}（信函格式）"),
                ("处理意见", OWN),
            ),
        ),
        Kind(
            "interview",
            "约谈记录",
            "YT",
            (INSPECTED, FILE),
            _fields(
                ("约谈时间", f"{ORDER49}第四十条", True),
                ("约谈地点", OWN),
                ("约谈人", f"{ORDER49}第四十条", True),
                ("被约谈人", f"{ORDER49}第四十条", True),
                ("约谈事项", f"{ORDER49}第四十条", True),
                ("依据", OWN),
                ("承诺和整改要求", f"{ORDER49}第四十条", True),
                *_SIGNED,
                *_REFUSED,
            ),
        ),
        Kind(
            "measure",
            "暂停决定书",
            "ZT",
            (INSPECTED, FILE),
            _fields(
                ("查明的事实", OWN),
                ("依据", f"{AGREEMENT}；区补贴办法"),
                ("起始日期", AGREEMENT),
                ("涉及金额", "《财政违法行为处罚处分条例》第十四条：追回另行通知", True),
                ("恢复条件", AGREEMENT),
                ("陈述", OWN),
                ("投诉渠道", "政务服务便民热线；系统参数"),
                ("签收", FORMS),
            ),
        ),
        Kind(
            "resume",
            "恢复决定书",
            "HY",
            (INSPECTED, FILE),
            _fields(
                ("原决定书", OWN),
                ("恢复理由", AGREEMENT),
                ("恢复日期", AGREEMENT),
                ("涉及金额", "区补贴办法：暂停期间的补贴不予补发"),
                ("签收", FORMS),
            ),
        ),
        Kind(
            "receipt",
            "送达回证",
            "SD",
            (FILE,),
            _fields(
                ("受送达人", CIVIL),
                ("送达文书", CIVIL),
                ("送达文书文号", CIVIL),
                ("送达方式", f"{CIVIL}；电子送达经本人同意"),
                ("送达地点", CIVIL),
                ("送达时间", CIVIL),
                ("收件人", CIVIL),
                ("送达人", CIVIL),
                ("见证人", CIVIL),
                ("拒收", CIVIL),
            ),
        ),
    )
}
BLANK = Kind(
    "blank",
    "现场检查记录表（空白）",
    "KB",
    (FILE,),
    _fields(
        *_OBJECT,
        ("检查起止时间", FORMS),
        ("检查人员（证号）", f"{ORDER49}第二十三条", True),
        ("检查内容", f"{ORDER49}第二十条；检查表", True),
        ("记录", FORMS),
        *_SIGNED,
        *_REFUSED,
    ),
)
KINDS = (*PAPERS, BLANK.code)
