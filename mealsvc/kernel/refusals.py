"""The root of every refusal: a "no" that a person can read and a machine can tell apart."""

from typing import ClassVar


class Refusal(Exception):
    """没有办理成功，请稍后再试。"""

    # A subclass states its contract code; its docstring is the Chinese message, with {facts}.
    # `field` names the form field or column at which the message belongs.
    code: ClassVar[str]
    field: ClassVar[str | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.__doc__:
            raise TypeError(f"{cls.__name__} needs a docstring: it is the message people read")

    def __init__(self, **facts: object) -> None:
        """Fill the message with `facts`; a fact that the template lacks stays available to code.

        Raises KeyError when the template needs a fact that was not given.
        """
        template = "".join(line.strip() for line in (type(self).__doc__ or "").splitlines())
        self.message = template.format(**facts)
        self.facts = facts
        super().__init__(self.message)
