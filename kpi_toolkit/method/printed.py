"""The words that pages print for the values of tables, and that tables take as well."""

from __future__ import annotations

from pydantic import BeforeValidator

from kpi_toolkit.method.value import Text

_IN_CHINESE = {
    "是": True, "否": False, "完成值": "actual", "自评": "self", "考核人评价": "appraiser", "他人评价": "others",
    "维持": "kept", "更改": "changed", "报上级决定": "escalated", "纠正": "corrective", "预防": "preventive",
    "培训": "training", "任务": "task", "个人": "person", "流程": "process", "市场": "market", "产品": "product",
    "岗位": "role", "任职": "role", "角色": "role", "请假": "leave", "按天": "days", "按天数": "days",
    "按工作日": "workdays", "不分档": "no-tier", "不参加分档": "no-tier", "照此执行": "as-is",
    "前段": "top", "中段": "middle", "后段": "bottom",
}  # fmt: skip
"""What the pages print for a value, as people copy it from paper into a table."""
printed = BeforeValidator(lambda said: _IN_CHINESE.get(said.strip(), said) if isinstance(said, str) else said)


def with_printed(value: str) -> Text:
    """Return a value of a table as it may be written: with the word that pages print for it, in the language of that.

    >>> with_printed("days").words
    ('days（按天）', 'days')
    """
    word = Text.written(next((word for word, own in _IN_CHINESE.items() if own == value), ""))
    return Text.each(lambda it: Text.of(own).after(value).pick(it) if (own := getattr(word, it)) else value)
