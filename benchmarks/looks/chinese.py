"""The sample of customers as a company in China would have it: names, values and the name of the file."""

import csv
from pathlib import Path

from sample_data.catalogue import SAMPLES

FILE, TARGET = "客户流失.csv", "流失"
_COLUMNS = {
    "customer_id": "客户编号",
    "joined": "入网日期",
    "region": "地区",
    "product": "产品",
    "contract": "合同",
    "payment": "付款方式",
    "monthly_fee": "月费（元）",
    "support_calls": "客服来电",
    "outage_hours": "断网小时",
    "satisfaction": "满意度",
    "late_payments": "逾期次数",
    "newsletter": "订阅邮件",
    "left": TARGET,
}
_VALUES = {
    "north": "北区",
    "south": "南区",
    "east": "东区",
    "west": "西区",
    "capital": "首府",
    "dsl": "宽带",
    "cable": "有线",
    "fibre": "光纤",
    "mobile only": "仅手机",
    "monthly": "按月",
    "one year": "一年",
    "two years": "两年",
    "direct debit": "自动扣款",
    "card": "银行卡",
    "invoice": "账单",
    "yes": "是",
    "no": "否",
}


def write(folder: Path) -> Path:
    """Write the table into a folder; returns its path."""
    given = next(sample for sample in SAMPLES if sample.key == "customers").path
    with given.open(encoding="utf-8-sig", newline="") as read:
        names, *rows = csv.reader(read)
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written)
        writer.writerow([_COLUMNS[name] for name in names])
        writer.writerows([[_VALUES.get(cell, cell) for cell in row] for row in rows])
    return path
