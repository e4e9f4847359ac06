"""What is left of a name for the eye: José and Jose, 張 and 张, East-1 and East–1 are read as the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kpi_toolkit.method.issues import folded


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """Return a name without blanks, accents, dots and strokes, its letters, signs and numbers in one form.

    >>> skeleton("李 安") == skeleton("李安"), skeleton("\u0410nn") == skeleton("Ann")  # a Cyrillic A
    (True, True)
    >>> [skeleton(name) for name in ("José O’Neil", "張偉", "East–01", "十一组", "N0rth", "1-1", "C++")]
    ['joseoneil', '张伟', 'east1', '11组', 'north', '1-1', 'c++']
    """
    plain = unicodedata.normalize("NFD", folded(word).replace("ß", "ss"))
    plain = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", plain))
    plain = _TEN.sub(lambda ten: f"{ten[1] or 1}{ten[2] or 0}", plain.translate(_ALIKE))
    plain = _BETWEEN.sub("-", plain)
    plain = re.sub(r"(?<!\d)-|-(?!\d)|[\s‐‑–—―.'\"‘’“”`´·・•‧,，、_]", "", plain)
    if re.search("[a-z]", plain):
        plain = re.sub("(?<=[a-z])[01](?=[a-z])|^[01](?=[a-z]{2})", lambda digit: "ol"[int(digit[0])], plain)
    return re.sub(r"(?<!\d)0+(?=\d)", "", plain)


_TEN = re.compile(r"(\d?)十(\d?)")
_BETWEEN = re.compile(r"(?<=\d)[\W_](?=\d)")
_LETTERS = str.maketrans(
    "авекмнорстухѕіјһԁԛԝӏαβεζηικμνορτυχγɑɡıłøđðħŧ一二三四五六七八九",
    "abekmhopctyxsijhdqwlabezhikmnoptuxyagiloddht123456789",
)
_SIMPLER = str.maketrans(
    "張陳劉黃趙吳孫馬羅鄭謝韓馮鄧許蕭葉蔣閻餘蘇呂盧賈鍾鐘譚陸範鄒湯錢賴顧龔萬嚴龍賀溫倫蘭駱齊莊畢聶關喬歐陽鮑寧單費紀項閔強顏連衛師東華國偉麗軍傑濤艷豔鵬輝剛鳳瓊瑩瑤嬌嫻婭綺紅綠銀鐵銘鋒銳鈞錦鎮義禮聰賢維緯"
    "經綱紹緒續純約級細終組結統總網線練縣織學寶實寬審對導專將屆島峽嶺嶽巖幣帥帶廣廠廳慶應懷恆愛憶戀戰戲擴揚採擇據撥數斷時晉曉暉曄書會櫻樂機權樹橋檢樓業榮棟條標樞橫歡歲歷氣漢潔澤濱灣灝淵湧淨滿漁濟營燦燁煒煥"
    "爾獻獨環現產畫發監盤確礎禎積穎穩競筆節簡籌糧緣聖聯聞職興舉藝藍蔥蓮處號藥補裝製複見視覺觀計訊訓記設訪評詠詩詳誠語說調諾謙講識議護譯讀變貝財貨責貴資質購賞賓贏車軒載輕輔輪轉辦農運達進遠選邊郵鄉醫釋長門開"
    "間閃閣隊際隨險雙雜離雲電靈靜響頁順須預頻題願類風飛養馳駿驗驊騰體魯鮮鴻鷹麥點黨龐龜勝勵勞務動勛勳協區員啟團園圖場壯夢獎佈倉個備傳優億價儀兒內兩凱創劃劍",
    "张陈刘黄赵吴孙马罗郑谢韩冯邓许萧叶蒋阎余苏吕卢贾钟钟谭陆范邹汤钱赖顾龚万严龙贺温伦兰骆齐庄毕聂关乔欧阳鲍宁单费纪项闵强颜连卫师东华国伟丽军杰涛艳艳鹏辉刚凤琼莹瑶娇娴娅绮红绿银铁铭锋锐钧锦镇义礼聪贤维纬"
    "经纲绍绪续纯约级细终组结统总网线练县织学宝实宽审对导专将届岛峡岭岳岩币帅带广厂厅庆应怀恒爱忆恋战戏扩扬采择据拨数断时晋晓晖晔书会樱乐机权树桥检楼业荣栋条标枢横欢岁历气汉洁泽滨湾灏渊涌净满渔济营灿烨炜焕"
    "尔献独环现产画发监盘确础祯积颖稳竞笔节简筹粮缘圣联闻职兴举艺蓝葱莲处号药补装制复见视觉观计讯训记设访评咏诗详诚语说调诺谦讲识议护译读变贝财货责贵资质购赏宾赢车轩载轻辅轮转办农运达进远选边邮乡医释长门开"
    "间闪阁队际随险双杂离云电灵静响页顺须预频题愿类风飞养驰骏验骅腾体鲁鲜鸿鹰麦点党庞龟胜励劳务动勋勋协区员启团园图场壮梦奖布仓个备传优亿价仪儿内两凯创划剑",
)
"""Signs of names, places and departments as Taiwan and Hong Kong write them, and as the mainland does."""
_ALIKE = _LETTERS | _SIMPLER
