"""What a building services company knows: skills, parts, kinds of jobs, and what customers complain about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SKILLS = {
    "HVAC": "Air conditioning 空调",
    "GAS": "Gas and boilers 燃气锅炉",
    "ELEC": "Electrics 电气",
    "PLUMB": "Plumbing 管道",
    "LIFT": "Lifts 电梯",
    "NET": "Networks 网络",
}


@dataclass(frozen=True)
class Article:
    """A part of the catalogue; the price is for one unit."""

    name: str
    price: str
    unit: str = "pc"


PARTS = {
    "FLT-0400": Article("Air filter 400 × 400 空气过滤器", "38.00"),
    "BLT-0850": Article("Fan belt A850 风机皮带", "26.50"),
    "REF-R32": Article("Refrigerant R32 制冷剂", "95.00", "kg"),
    "THM-0010": Article("Room thermostat 温控器", "180.00"),
    "IGN-0007": Article("Ignition electrode 点火电极", "145.00"),
    "GSK-0021": Article("Boiler gasket 锅炉密封垫", "18.20"),
    "VLV-0015": Article("Ball valve DN15 球阀", "42.00"),
    "HSE-0500": Article("Flexible hose 500 mm 软管", "23.00"),
    "PMP-0025": Article("Circulation pump 循环泵", "860.00"),
    "BRK-0016": Article("Circuit breaker 16 A 断路器", "56.00"),
    "LED-0018": Article("LED tube 18 W 灯管", "29.90"),
    "CBL-0025": Article("Cable 2.5 mm² 电缆", "6.80", "m"),
    "BTN-0003": Article("Lift call button 电梯按钮", "120.00"),
    "RLR-0009": Article("Door roller 门滚轮", "75.00"),
    "RTR-0001": Article("Access router 路由器", "640.00"),
    "RJ4-0006": Article("Patch cable 跳线", "9.50"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of job. checks: (key, English, Chinese, kind of answer, options). complaints: (English, Chinese)."""

    code: str
    name: str
    minutes: int
    skills: dict[str, int]
    parts: tuple[str, ...]
    assets: tuple[tuple[str, str], ...]
    checks: tuple[tuple[Any, ...], ...]
    complaints: tuple[tuple[str, str], ...]
    photos: int = 0
    signature: bool = True
    usual_priority: int = 3
    weight: int = 1


SAFE = ("safe", "Work place is safe", "工作场所安全", "bool")

KINDS = (
    Kind(
        "ac-service", "Air conditioner service 空调保养", 60, {"HVAC": 2}, ("FLT-0400", "BLT-0850"),
        (("Split air conditioner 分体空调", "VRV-IV"), ("Air handling unit 空气处理机组", "AHU-12")),
        (SAFE, ("filter", "Filter replaced", "已更换滤网", "bool"),
         ("supply", "Supply air °C", "送风温度 °C", "number")),
        (("Yearly service is due.", "年度保养到期。"), ("It smells musty when it starts.", "开机时有霉味。")), weight=3,
    ),
    Kind(
        "ac-repair", "Air conditioner repair 空调维修", 90, {"HVAC": 3}, ("REF-R32", "THM-0010", "BLT-0850"),
        (("Split air conditioner 分体空调", "VRV-IV"), ("Chiller 冷水机组", "CH-300")),
        (SAFE, ("cause", "Cause found", "故障原因", "text"),
         ("result", "Result", "结果", "choice", ("repaired", "makeshift", "part ordered"))),
        (("It blows warm air since this morning.", "今早开始只吹热风。"), ("Water drips from the unit.", "机组滴水。"),
         ("It makes a grinding noise.", "有异响。")), photos=1, usual_priority=2, weight=3,
    ),
    Kind(
        "boiler-check", "Boiler safety check 锅炉安全检查", 75, {"GAS": 3}, ("IGN-0007", "GSK-0021"),
        (("Gas boiler 燃气锅炉", "GB-162"),),
        (SAFE, ("leak", "No gas leak", "无燃气泄漏", "bool"), ("co", "CO, ppm", "一氧化碳 ppm", "number")),
        (("Yearly safety check.", "年度安全检查。"),
         ("The landlord wants the certificate renewed.", "业主需要更新证书。")), weight=2,
    ),
    Kind(
        "boiler-repair", "Boiler repair 锅炉维修", 120, {"GAS": 4}, ("IGN-0007", "PMP-0025"),
        (("Gas boiler 燃气锅炉", "GB-162"),),
        (SAFE, ("cause", "Cause found", "故障原因", "text"), ("pressure", "Pressure, bar", "压力 bar", "number")),
        (("No hot water since last night.", "昨晚起没有热水。"),
         ("The boiler locks out after a minute.", "锅炉一分钟后停机。")),
        photos=1, usual_priority=1,
    ),
    Kind(
        "pipe-repair", "Pipe repair 管道维修", 60, {"PLUMB": 2}, ("VLV-0015", "HSE-0500"),
        (("Riser pipe 立管", "DN50"), ("Pressure booster 增压泵", "HYA-2")),
        (SAFE, ("tight", "Tight after the repair", "维修后无渗漏", "bool")),
        (("A tap leaks into the cupboard.", "水龙头漏到柜子里。"),
         ("Low pressure on the upper floors.", "高层水压低。")),
        usual_priority=2, weight=2,
    ),
    Kind(
        "light-repair", "Lighting and sockets 照明与插座", 45, {"ELEC": 2}, ("LED-0018", "BRK-0016", "CBL-0025"),
        (("Distribution board 配电箱", "DB-24"),),
        (SAFE, ("dead", "Proved dead", "已验电", "bool"), ("insulation", "Insulation, MΩ", "绝缘电阻 MΩ", "number")),
        (("The corridor is dark.", "走廊灯不亮。"), ("A breaker trips every evening.", "断路器每晚跳闸。")), weight=2,
    ),
    Kind(
        "lift-service", "Lift service 电梯保养", 90, {"LIFT": 3}, ("BTN-0003", "RLR-0009"),
        (("Passenger lift 客梯", "3300"),),
        (SAFE, ("doors", "Doors reopen on contact", "门防夹正常", "bool"),
         ("level", "Levelling, mm", "平层误差 mm", "number")),
        (("Monthly service.", "月度保养。"), ("The door closes twice before it starts.", "启动前关门两次。")),
    ),
    Kind(
        "network-visit", "Network visit 网络上门", 45, {"NET": 2}, ("RTR-0001", "RJ4-0006"),
        (("Network cabinet 机柜", "NC-12"),),
        (("online", "Line is up", "线路已通", "bool"), ("speed", "Mbit/s", "速率 Mbit/s", "number")),
        (("The office has no connection.", "办公室断网。"),
         ("Calls break up every afternoon.", "下午通话断续。")), signature=False,
    ),
)  # fmt: skip

ACCESS_NOTES = (
    ("Ring at the gate; the code is with security.", "门口按铃，密码在保安处。"),
    ("Goods lift at the back.", "货梯在后门。"),
    ("Plant room on the roof; bring a torch.", "机房在屋顶，请带手电。"),
    ("Dog in the yard.", "院子里有狗。"),
    ("", ""),
)
