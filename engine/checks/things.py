"""Words by which the name of a column says that it tells persons or things apart, in several languages."""

_ENGLISH = """
    patient subject person customer client user member employee student pupil participant respondent donor player
    driver borrower applicant account household family machine device sensor engine vehicle car truck turbine meter
    school class hospital clinic doctor physician store shop branch site plant farm batch lot animal sample specimen
    plate session visitor author speaker writer seller vendor supplier merchant product item sku station house
    building order invoice case claim policy contract loan card phone email team company firm
    business restaurant hotel establishment facility venue provider owner
"""
_GERMAN = """
    kunde kunden patienten proband probanden teilnehmer teilnehmerin nutzer benutzer mitglied mitarbeiter schüler
    schueler fahrer fahrzeug maschine maschinen anlage anlagen gerät geraet geräte haushalt familie konto vertrag
    filiale schule klinik arzt lieferant händler auftrag bestellung rechnung tier betrieb
"""
_FRENCH = """
    patiente malade personne utilisateur utilisatrice membre employé salarié salarie élève eleve étudiant etudiant
    conducteur véhicule vehicule appareil capteur compte contrat magasin usine école ecole hôpital hopital médecin
    medecin fournisseur commande facture établissement etablissement foyer ménage menage dossier échantillon echantillon
"""
_SPANISH_AND_PORTUGUESE = """
    cliente paciente usuario usuaria usuário miembro membro empleado empleada empregado funcionario funcionário
    alumno alumna aluno estudiante estudante persona pessoa conductor motorista vehículo vehiculo veículo veiculo
    máquina maquina dispositivo cuenta conta contrato tienda loja fábrica fabrica escuela escola médico medico
    proveedor fornecedor pedido factura fatura establecimiento restaurante hogar familia família muestra amostra
"""
_ITALIAN = """
    paziente utente dipendente studente allievo veicolo macchina conto contratto negozio fabbrica scuola ospedale
    fornitore ordine fattura famiglia campione
"""
_RUSSIAN = """
    клиент клиента пациент пациента пользователь пользователя сотрудник сотрудника ученик ученика студент студента
    водитель водителя автомобиль машина станок станка прибор датчик устройство счет счёт договор магазин завод школа
    больница врач поставщик заказ семья образец абонент
"""
THINGS = frozenset((_ENGLISH + _GERMAN + _FRENCH + _SPANISH_AND_PORTUGUESE + _ITALIAN + _RUSSIAN).split())
CHINESE_THINGS = tuple("患者 病人 客户 用户 会员 员工 学生 学校 机器 设备 门店 店铺 商户 车辆 司机".split())

_FIRST = "id code numéro numero número matricule código codigo codice номер код ид"
MARKS_BEFORE = frozenset(_FIRST.split())
MARKS = frozenset(f"{_FIRST} ids no nr nbr num ref number key uid uuid guid name nummer kennung schlüssel".split())
ALONE = frozenset(
    "id uid uuid guid pid mrn cid patientid userid customerid subjectid subject patient participant matricule".split()
)
GLUED = frozenset(
    f"{thing}{mark}" for thing in THINGS for mark in ("id", "no", "nr", "code", "key", "nummer", "kennung")
)

# What names kinds or places, however it is numbered.
KINDS = frozenset(
    """
    zip postal postcode plz cp cap area region district tract fips icd diagnosis diagnose diag procedure cpt model type
    kind category categoria kategorie class classe klasse grade colour color farbe size year month week date time hour
    room cabin seat ticket flight route version level stage phase status naics sic hs drug ndc ean upc isbn error
    """.split()
)
