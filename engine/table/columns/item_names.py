"""Knows names of columns that number articles, orders and the like: what stands there is no amount."""

import re

import pandas as pd

# What is given a number, in the singular: "order no" names one, "orders" counts them.
_THING = (
    r"artikel|article|art|art[ií]culo|articolo|artigo|material|materiale|mat[eé]riel|product|produkt|produit|producto"
    r"|prodotto|produto|item|part|teile?|order|sales[ _-]?order|purchase[ _-]?order|po|auftrags?|bestell|bestellungs?"
    r"|commande|pedido|ordine|rechnungs?|invoice|facture|factura|fattura|kunden?|customer|client|cliente|lieferanten?"
    r"|supplier|vendor|fornitore|proveedor|fournisseur|vertrags?|contract|contrat|contrato|charge|batch|lot|serial"
    r"|serien|beleg|document|ticket|vorgangs?|konto|account|compte|cuenta|conto|personal|employee|policy|policen?"
)
_NUMBER = r"nr|no|num|number|nummer|numero|número|numéro|#|code|key|schl[üu]ssel|id"
_ITEM_NAME = re.compile(
    rf"(?:^|[\s_.-])(?:{_THING})[\s_.-]*(?:{_NUMBER})\.?$"
    r"|(?:^|[\s_.-])(?:num[eé]ro|número|nº|n°|n\.|cod\.?|code|código|codice|r[eé]f[eé]rence|ref\.?)[\s_.-]*"
    rf"(?:de |d'|di |do |del )?(?:l'|la |el )?(?:{_THING})$"
    r"|^(?:artikel|article|artículo|articulo|articolo|artigo|material|sku|gtin|ean|upc|asin|pzn|артикул)$"
    r"|(?:^|[\s_.-])sku$"
    r"|(?:номер|код)\s+(?:заказа|товара|клиента|договора|артикула|материала|счета)$"
    r"|(?:材料|物料|商品|产品|货品|订单|货|批次?|合同|发票|客户|供应商|工单|款|会员|员工)(?:编号|号|编码|代码|号码)$"
    r"|(?-i:(?:Article|Material|Product|Item|Part|Order|Invoice|Customer|Vendor|Supplier)(?:No|Nr|Num|Number|Code)$)",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 4


def is_item_name(name: str) -> bool:
    """Tell from the name of a column whether it numbers things.

    >>> [is_item_name(name) for name in ("Art.-Nr.", "Auftrag-Nr.", "Order no", "材料编号", "numéro de commande")]
    [True, True, True, True, True]
    >>> [is_item_name(name) for name in ("number of items", "orders", "Produktpreis", "Anzahl Artikel", "订单数")]
    [False, False, False, False, False]
    """
    return _ITEM_NAME.search(name.strip()) is not None


def have_one_length(texts: pd.Series) -> bool:
    """Whether all are whole numbers of the same many digits, which amounts hardly are.

    >>> have_one_length(pd.Series(["622017", "245703"])), have_one_length(pd.Series(["622017", "1999"]))
    (True, False)
    """
    lengths = texts.str.len()
    return bool(_FEWEST_DIGITS <= lengths.min() == lengths.max() and texts.str.fullmatch("[0-9]+").all())
