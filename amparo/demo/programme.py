"""The invented campaign, performance, testimony, plan of action and press note of the demonstration, and an estimate.

The plan has the shape of Peru's plan of 2007-2013: 3 axes, 10 objectives, 27 goals, 60 activities and 130 indicators
(iom.int). Its texts are invented, and say so. The laws are real (programme/plan/data).
"""

import json
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.picklists import Currency
from amparo.programme.campaigns.rules import add_campaign, add_spot
from amparo.programme.events.models import Event
from amparo.programme.events.rules import (
    add_pledge,
    add_testimony,
    close_pledge,
    publish_event,
    publish_testimony,
    record_event,
)
from amparo.programme.news.rules import draft_note
from amparo.programme.plan import public, publication_rules, rules
from amparo.programme.plan.models import Indicator, Measurement, Node, Plan
from amparo.programme.plan.picklists import NodeKind, PublishedMeasure

from .estimate import invent_estimate

LAWS = Path(rules.__file__).parent / "data" / "peru_laws.json"
RADIO_LINE, TV_LINE = "080000001", "080000002"  # numbers that nobody has
CALLING = ["150132", "150110"]  # San Juan de Lurigancho and Comas, districts of Lima
SILENT = "150103"  # Ate: the campaign is there too, and nobody calls from there while it runs
DAY = timedelta(days=1)
AXES = ("Prevención", "Persecución", "Protección y asistencia")
# How many children each branch of a level has, in order: 3 axes, 10 objectives, 27 goals, 60 activities.
SHAPE = (
    (NodeKind.OBJECTIVE, (4, 3, 3)),
    (NodeKind.GOAL, (3,) * 7 + (2,) * 3),
    (NodeKind.ACTIVITY, (3,) * 6 + (2,) * 21),
)
INDICATORS = (3,) * 10 + (2,) * 50  # of each activity: 130


def invent_programme() -> None:
    """Create the campaign, event, plan, note and estimate once. Later changes by people stay."""
    carla, pilar = User.objects.get(username="carla"), User.objects.get(username="pilar")
    now = timezone.now()
    with acting_as(carla.acting()):
        if Campaign.objects.exists():
            return
    event = _campaign_and_event(carla, now)
    _invent_plan(pilar, User.objects.get(username="bruno"), now)
    _draft_note(carla, event, now)
    invent_estimate(User.objects.get(username="paula"), now)


def _campaign_and_event(carla: User, now: datetime) -> Event:
    today = timezone.localdate(now)
    campaign = add_campaign(
        name="Mira dos veces (inventada)", goal="Que cuatro de cada cien adultos llamarían a la línea.",
        partners=["Ministerio inventado", "ONG de Ejemplo", "Radio de Ejemplo"], starts=today - 39 * DAY,
        ends=today + 20 * DAY, cost=92000, languages=["es", "qu"], ubigeos=[*CALLING, SILENT], by=carla,
    )  # fmt: skip
    evening = timezone.localtime(now).replace(hour=19, minute=30, second=0, microsecond=0)
    add_spot(
        campaign, name="Spot «No era el trabajo»", medium="radio", where="Radio de Ejemplo", aired_at=evening - 3 * DAY,
        line=RADIO_LINE, code="TERMINAL", cost=9400, by=carla,
    )  # fmt: skip
    add_spot(
        campaign, name="Aviso «Mira dos veces»", medium="tv", where="Canal de Ejemplo", aired_at=evening - 5 * DAY,
        line=TV_LINE, cost=38000, by=carla,
    )  # fmt: skip
    add_spot(
        campaign, name="Video y afiche «Mira dos veces»", medium="social", where="Terminales de ejemplo",
        aired_at=evening - 20 * DAY, code="DOS VECES", cost=6800, by=carla,
    )  # fmt: skip
    event = record_event(
        campaign=campaign, kind="performance", title="«La casa sin puertas», función inventada",
        venue="Teatro de Ejemplo", ubigeo="150101", starts_at=evening - 16 * DAY, invited=260, attendance=200,
        attendance_qualifier="more_than", decision_makers=64, media_pieces=11, cost=12400,
        about_es="Una obra inventada, ante ministerios, jueces y periodistas inventados.",
        about_en="An invented play, before invented ministries, judges and journalists.", by=carla,
    )  # fmt: skip
    add_pledge(
        event, text="Presupuesto para dos operadoras de quechua", made_by="Ministerio inventado", due=today + 49 * DAY,
        by=carla,
    )  # fmt: skip
    kept = add_pledge(
        event, text="Reunión con fiscales de ejemplo", made_by="Fiscalía de Ejemplo", due=today - 2 * DAY, by=carla
    )
    close_pledge(kept, was_kept=True, evidence="Acta inventada 000", on=today - 3 * DAY, by=carla)
    testimony = add_testimony(
        event, text_es="Palabras inventadas: cuando por fin salí, lo que más me sorprendió fue que alguien me creyera.",
        text_en="Invented words: when I got out at last, what surprised me most was that somebody believed me.",
        signed_as="Kusi", outlets=["stage", "site_es", "site_en"], until=today + 60 * DAY, was_explained=True, by=carla,
        now=now,
    )  # fmt: skip
    publish_testimony(testimony, by=carla, now=now)
    publish_event(event, by=carla, now=now)
    return event


def _invent_plan(pilar: User, bruno: User, now: datetime) -> None:
    for written in json.loads(LAWS.read_text(encoding="utf-8")):
        days = {
            name: date.fromisoformat(written.pop(name)) for name in list(written) if name.endswith(("_on", "_from"))
        }
        rules.write_law(None, **written | days, by=pilar, now=now)
    law = rules.write_law(
        None, kind="law", number="Ley de Ejemplo 00000", title="Proyecto inventado, en segunda votación", by=pilar,
        now=now,
    )  # fmt: skip
    today = timezone.localdate(now)
    plan = rules.add_plan(
        title="Plan de acción de ejemplo, con la forma del de 2007-2013", starts_on=date(today.year, 1, 1),
        ends_on=date(today.year + 4, 12, 31), law=law, is_invented=True, by=pilar,
    )  # fmt: skip
    with acting_as(pilar.acting()):
        activities = _create_nodes(plan)
        _add_indicators(activities, pilar, now)
    rules.send_to_review(plan, by=pilar, today=today)
    rules.comment_on_plan(activities[0], "Comentario inventado: falta decir en qué idiomas.", by=pilar, now=now)
    plan = rules.approve_plan(
        plan, approved_by="Comisión de Ejemplo", approved_through="Resolución 000-EJEMPLO", on=today, by=pilar
    )
    with acting_as(pilar.acting()):
        seen = public.digest_of(public.public_document(plan, now))
    proposed = publication_rules.propose_publication(plan, seen=seen, by=pilar, now=now)
    publication_rules.show_publication(proposed, seen=seen, by=bruno, now=now)


def _create_nodes(plan: Plan) -> list[Node]:
    """Create the nodes of the plan level by level; returns the lowest level, the activities."""
    level = [
        Node(plan=plan, kind=NodeKind.AXIS, number=str(n), text=f"{name} (texto inventado)")
        for n, name in enumerate(AXES, 1)
    ]
    Node.objects.bulk_create(level)
    for kind, sizes in SHAPE:
        below = [
            Node(
                plan=plan, parent=parent, kind=kind, number=f"{parent.number}.{n}",
                text=f"{kind.label} de ejemplo {parent.number}.{n}",
            )
            for parent, size in zip(level, sizes, strict=True)
            for n in range(1, size + 1)
        ]  # fmt: skip
        level = Node.objects.bulk_create(below)
    return level


# How invented indicators go, in turn: their value as a share of what is expected by now. None: no value.
COURSES = (1.0, 0.7, 1.1, None, 0.95, 0.4, None)


def _add_indicators(activities: list[Node], pilar: User, now: datetime) -> None:
    """Give each activity its indicators, and most of them a value. The first takes its value from published figures."""
    today, start = timezone.localdate(now), date(timezone.localdate(now).year, 1, 1)
    due = date(start.year + 4, 12, 31)
    indicators = [
        Indicator(
            node=node, number=f"{node.number}.i{n}", text=f"Indicador de ejemplo {n} de la actividad {node.number}",
            unit="%", baseline=0.0, baseline_on=start, target=100.0, due_on=due, verification="Registro de ejemplo",
            responsible=pilar.agency, co_responsible=["Gobierno regional de ejemplo"],
            budget="Recursos ordinarios, monto de ejemplo", budget_amount=10_000, budget_currency=Currency.PEN,
        )
        for node, many in zip(activities, INDICATORS, strict=True)
        for n in range(1, many + 1)
    ]  # fmt: skip
    first = indicators[0]
    first.text, first.unit, first.verification = "Contactos con la línea (de ejemplo)", "contactos", "Cifras de ejemplo"
    first.measure, first.target, first.baseline_on = PublishedMeasure.CONTACTS, 1000.0, date(start.year - 1, 1, 1)
    _automatic, *reported = Indicator.objects.bulk_create(indicators)
    expected = 100 * max((today - start).days, 1) / (due - start).days
    Measurement.objects.bulk_create(
        Measurement(
            indicator=indicator, value=round(expected * share, 1), as_of=today, evidence="Documento inventado",
            author=pilar, written_at=now,
        )
        for indicator, share in zip(reported, cycle(COURSES), strict=False)
        if share is not None
    )  # fmt: skip


def _draft_note(carla: User, event: Event, now: datetime) -> None:
    """Draft a note. It cites a published figure, so it can be published only after the first edition."""
    number = "{contacts_by_channel/total}"
    with acting_as(carla.acting()):
        testimony = event.testimonies.get()
    draft_note(
        place="Lima", title_es="Nota inventada: la línea después de una función de teatro",
        title_en="Invented note: the line after a stage performance",
        lead_es="Más de 200 personas inventadas vieron una obra inventada.",
        lead_en="More than 200 invented people saw an invented play.",
        text_es=f"En tres meses la línea de la demostración tuvo {number} conversaciones.\n\n"
                "La función no es la única explicación: esa semana también hubo un spot en radio.",
        text_en=f"In three months the line of the demonstration had {number} conversations.\n\n"
                "The performance is not the only explanation: that week there was also a spot on the radio.",
        contact="Prensa de Ejemplo, 000 000 000, prensa@ejemplo.invalid", testimony=testimony, by=carla, now=now,
    )  # fmt: skip
