"""First names that many people have, by which names of people are told from names of anything else."""

import re

_NAMES = frozenset(
    """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark
    donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary
    nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond
    patrick jack dennis jerry tyler aaron jose adam henry nathan douglas peter zachary kyle walter harold carl
    arthur roger keith lawrence terry sean albert jesse bruce oscar oliver leo max ben bob tom jim tim sam
    joe dan mike steve bill fred harry charlie mary patricia jennifer linda elizabeth barbara susan jessica sarah
    karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah
    stephanie dorothy rebecca sharon laura cynthia amy kathleen angela shirley anna emma brenda pamela nicole
    samantha katherine christine helen debra rachel carolyn janet maria olivia heather diane julie joyce victoria
    ruth lauren kelly christina joan evelyn judith andrea hannah megan jacqueline martha gloria teresa sara
    ann jean alice kathryn judy grace denise julia sophia sophie ella eva clara ida hans klaus jürgen wolfgang uwe
    bernd günter horst heinz karl stefan andreas jan lukas felix jonas finn paula lena lea mia marie ursula monika
    petra sabine renate helga karin brigitte ingrid gabriele susanne heike birgit katharina pierre michel andré
    philippe alain jacques nicolas françois marc luc antoine nathalie isabelle sylvie catherine françoise monique
    camille chloé manon léa josé antonio manuel francisco juan javier jesús carlos miguel alejandro luis pedro pablo
    jorge carmen ana isabel dolores pilar josefa lucía elena marta joão paulo rafael fernando ricardo adriana
    fernanda juliana mariana giuseppe giovanni francesco marco alessandro luca matteo lorenzo mario luigi giulia
    chiara francesca alessandra александр алексей андрей дмитрий сергей иван михаил николай владимир анна елена
    ольга наталья татьяна мария ирина екатерина светлана mohammed muhammad mohamed ahmed ali omar hassan ibrahim
    yusuf fatima aisha maryam zainab amina priya rahul amit anil sunil raj ravi sanjay vijay deepak anita sunita
    pooja neha wei li ming jing yan lei jun hiroshi takashi yuki kenji ivan jakub piotr krzysztof andrzej agnieszka
    katarzyna magdalena lars erik anders björn sven astrid
    """.split()
)
_WORD = re.compile(r"[^\W\d_]+")


def has_first_name(text: str) -> bool:
    """Whether a common first name stands in a text.

    >>> has_first_name("Miller, Anna K."), has_first_name("Golden Dragon")
    (True, False)
    """
    return not _NAMES.isdisjoint(_WORD.findall(text.lower()))
