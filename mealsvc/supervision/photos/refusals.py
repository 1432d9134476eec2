"""Why a file is not taken as a photo."""

from mealsvc.kernel.refusals import Refusal


class _Photo(Refusal):
    """这个文件不能作为照片。"""

    field = "photos"


class EmptyFile(_Photo):
    """文件是空的，请重新拍照或重新选择文件。"""

    code = "empty_photo"


class FileTooBig(_Photo):
    """照片文件超过{limit}MB，请把手机相机的分辨率调低后重拍。"""

    code = "photo_too_big"


class NotAPhoto(_Photo):
    """这不是照片：只收 JPEG、PNG 或 WebP 图片，请用手机相机直接拍摄。"""

    code = "not_a_photo"


class TooManyPixels(_Photo):
    """照片尺寸太大（{width}×{height}），请把相机分辨率调低后重拍。"""

    code = "too_many_pixels"


class TooSmall(_Photo):
    """照片尺寸太小（{width}×{height}），看不清内容，请重拍。"""

    code = "photo_too_small"


class MovingPicture(_Photo):
    """动图不能作为照片，请拍一张静止的照片。"""

    code = "moving_picture"


class BrokenPhoto(_Photo):
    """照片文件不完整或已损坏，请重新拍照后再传。"""

    code = "broken_photo"


class PhotosBusy(_Photo):
    """正在处理别的照片，请过一会儿再传，照片没有丢。"""

    code = "photos_busy"


class TooManyPhotos(_Photo):
    """照片已有{limit}张，不能再加。请删去不要的照片。"""

    code = "too_many_photos"


class PhotoKeyConflict(_Photo):
    """这个编号的照片已经存过另外一张，请重新拍照。"""

    code = "photo_key_conflict"
