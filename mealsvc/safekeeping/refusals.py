"""Why a backup or a restore is not done; each says what to do."""

from mealsvc.kernel.refusals import Refusal


class DestinationTaken(Refusal):
    """{path} 已经存在，不会覆盖：请换一个文件名，或给出一个文件夹。"""

    code = "destination_taken"


class CannotWrite(Refusal):
    """无法写入 {path}：{why}。请检查文件夹、权限和剩余空间后重试。"""

    code = "cannot_write"


class CannotRead(Refusal):
    """无法读取 {path}：{why}。请检查路径和权限后重试。"""

    code = "cannot_read"


class NotProven(Refusal):
    """数据库与库外的锚不符（{why}），没有备份：请先运行 mealsvc audit verify，按运行手册“核对不通过”处理。"""

    code = "not_proven"


class NotABackup(Refusal):
    """{path} 不是完整的备份文件，或者已经损坏、被改动过：请换用另一份备份。数据库没有改动。"""

    code = "not_a_backup"


class WrongKey(Refusal):
    """密钥不符：这份备份要用它自己的 data.key 打开。请把备份时另存的 data.key 放进 {folder}（权限 0600）后重试。
    数据库没有改动。"""

    code = "wrong_key"


class OtherDatabase(Refusal):
    """这份备份来自 {theirs}，现在用的是 {ours}，不能互相恢复：请把 MEALSVC_DATABASE_URL 指向同一种数据库。"""

    code = "other_database"


class TooNew(Refusal):
    """这份备份由更新版本的程序生成（数据库版本 {revision}）：请先升级程序，再恢复。数据库没有改动。"""

    code = "too_new"


class NotEmpty(Refusal):
    """数据库里已经有数据，没有恢复。确实要用备份换掉它，请先停止服务，再加 --replace 重做一次。"""

    code = "not_empty"


class Unreadable(Refusal):
    """现在的数据库已经损坏，读不出来，没有恢复。要用备份换掉它，请先停止服务，再加 --replace 重做一次；损坏的文件会留在旁边。"""

    code = "unreadable"


class CannotRestore(Refusal):
    """没有恢复，数据库没有改动：{why}。请检查磁盘剩余空间（要有数据库的两倍）、权限和数据库连接，再做一次。"""

    code = "cannot_restore"


class NotOurs(Refusal):
    """这个数据库里有别的程序的表，不会动它：请核对 MEALSVC_DATABASE_URL，换一个空的数据库。"""

    code = "not_ours"


class StillServing(Refusal):
    """还有程序连着数据库，没有恢复：请先停止服务和其他正在运行的 mealsvc 命令，再试一次。"""

    code = "still_serving"


class NotWhole(Refusal):
    """备份的内容核对不通过，没有恢复，数据库没有改动：{why}请换用另一份备份，并保存好这一份供查对。"""

    code = "not_whole"
