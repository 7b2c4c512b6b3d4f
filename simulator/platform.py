"""The platform itself: takes requests in and decides what becomes of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
import uuid

from .authentication import Authenticator, Call
from .background import Background
from .config import Application, Config, MessageType
from .errors import ACCEPTED, RefusedRequestError, description, http_status
from .frequency import FrequencyLimits
from .judge import Decision, Judge
from .management_faults import Faults
from .management_records import Calls
from .numbers import country_of, international_form
from .options import ContentTypePlace
from .orders import Order, check_order, parse_form, parse_json
from .pushes import Pusher
from .records import Json, JsonValue, Message, RequestRecord
from .reporting import Reporter
from .reports import FORM, JSON
from .scenarios import DELIVERED, Scenario, Scenarios
from .state import State
from .times import write_time
from .tokens import Tokens

TEMPLATED_PATH = "/sms/batchSendSms/v1"
DIFF_PATH = "/sms/batchSendDiffSms/v1"

_UNSUBSCRIBED = Scenario(report="SC:0016")
_PLACE_OF_IDS = 143_000_001


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: what to answer, and the messages with their fate."""

    http_status: int
    payload: Json = field(repr=False)
    scenario: Scenario
    messages: tuple[tuple[Message, Scenario], ...] = ()


class Platform:
    """One simulated platform; its methods belong to its event loop.

    Attributes:
        config: What it was started with.
        state: Settings (options, applications), clock and tables (`state.records`).
        scenarios: What happens instead of plain delivery.
        reporter: Makes reports and replies, on its own or when told.
        background: What is still to be pushed.
        tokens: Tokens of IAM.
        faults: Faults of the management API that were ordered.
        calls: Calls of the management API.
    """

    def __init__(self, config: Config) -> None:
        """Set everything to what the configuration says."""
        self.config = config
        self.state = State(config)
        self.scenarios = Scenarios(config.endings)
        self.background = Background()
        self.tokens = Tokens()
        self.faults = Faults()
        self.calls = Calls()
        self.closing = asyncio.Event()
        self._pusher = Pusher(config.callback_base)
        self.reporter = Reporter(self.state, self.background, self._pusher)
        self._authenticator = Authenticator()
        self._limits = FrequencyLimits()
        self._ids = count(_PLACE_OF_IDS)

    async def start(self) -> None:
        """Open what needs a running event loop."""
        await self._pusher.start()

    async def stop(self) -> None:
        """Drop what is still to be pushed and close everything."""
        self.closing.set()
        self.state.touch()
        await self.background.cancel()
        await self._pusher.stop()

    async def reset(self) -> None:
        """Forget all that happened; settings are those of the start again."""
        await self.background.cancel()
        self.scenarios.clear()
        self.reporter.reset()
        self._authenticator = Authenticator()
        self._limits = FrequencyLimits()
        self.tokens = Tokens()
        self.faults = Faults()
        self.calls = Calls()
        self.state.reset()

    def handle(
        self, call: Call, record: RequestRecord, ordered: Scenario | None
    ) -> Outcome:
        """Judge a sending call and take its messages in.

        `ordered` is the scenario of this very request, if it has one.
        """
        try:
            return self._handle(call, record, ordered)
        except RefusedRequestError as error:
            payload: Json = {
                "code": error.code,
                "description": description(error.code),
            }
            return Outcome(error.http_status, payload, ordered or DELIVERED)

    def _handle(
        self, call: Call, record: RequestRecord, ordered: Scenario | None
    ) -> Outcome:
        """Judge a sending call in the order in which the platform does."""
        options = self.state.options
        early = options.content_type_place is ContentTypePlace.BEFORE_AUTHENTICATION
        if early:
            _check_content_type(call)
        application = self._authenticator.authenticate(
            call, self.state.applications, options, self.state.now()
        )
        if not early:
            _check_content_type(call)
        parse = parse_form if call.path == TEMPLATED_PATH else parse_json
        order = parse(call.body)
        record.describe(order)
        check_order(order, options)
        judge = Judge(self.state.console)
        judge.check_channel_and_signature(order, application)
        scenario = ordered or self._request_scenario(order, application)
        if scenario.code is not None:
            raise RefusedRequestError(scenario.code)
        self._check_volume(order, application)
        decisions = judge.decide(
            order,
            application,
            options,
            limits=self._limits,
            refusal_of=lambda number: self._number_scenario(number, ordered).status,
            now=self.state.now(),
        )
        ids = self._make_ids(decisions)
        messages = (
            self._accept(order, decisions, ids, application, ordered)
            if scenario.accepted
            else ()
        )
        record.accepted = len(messages)
        status, payload = self._response(decisions, ids)
        return Outcome(status, payload, scenario, messages)

    def _number_scenario(self, number: str, ordered: Scenario | None) -> Scenario:
        """Return what happens to a number."""
        return ordered or self.scenarios.of_number(number)

    def _request_scenario(self, order: Order, application: Application) -> Scenario:
        """Return the first scenario among the numbers that concerns the request."""
        for written in order.numbers:
            number = international_form(written, application.kind)
            scenario = self.scenarios.of_number(number) if number else DELIVERED
            if scenario.concerns_request:
                return scenario
        return DELIVERED

    def _check_volume(self, order: Order, application: Application) -> None:
        """Refuse the request if a limit or quota is used up."""
        options = self.state.options
        limit = options.volume_limit
        if limit is not None and self.state.records.accepted_count >= limit:
            raise RefusedRequestError("E000623")
        for written in order.numbers:
            number = international_form(written, application.kind)
            if number and country_of(number) in options.blocked_countries:
                raise RefusedRequestError("E000630")

    def _make_ids(self, decisions: Sequence[Decision]) -> tuple[str | None, ...]:
        """Return an smsMsgId for each number."""
        prefix = uuid.uuid4()
        refused_too = self.state.options.refused_ids
        return tuple(
            f"{prefix}_{next(self._ids)}" if decision.accepted or refused_too else None
            for decision in decisions
        )

    def _accept(
        self,
        order: Order,
        decisions: Sequence[Decision],
        ids: Sequence[str | None],
        application: Application,
        ordered: Scenario | None,
    ) -> tuple[tuple[Message, Scenario], ...]:
        """Take the messages in."""
        accepted = []
        for decision, message_id in zip(decisions, ids, strict=True):
            if not decision.accepted or message_id is None or decision.number is None:
                continue
            draft = decision.draft
            message = Message(
                message_id=message_id,
                app_key=application.app_key,
                number=decision.number,
                origin_to=decision.origin_to,
                channel_number=draft.channel_number,
                template_id=draft.template_id,
                text=draft.text,
                parts=draft.parts,
                extend=order.extend,
                status_callback=order.status_callback,
                at=self.state.now(),
            )
            self.state.records.add_message(message)
            scenario = self._number_scenario(decision.number, ordered)
            if (
                draft.message_type is MessageType.PROMOTION
                and self.reporter.has_unsubscribed(
                    decision.number, draft.channel_number
                )
            ):
                scenario = _UNSUBSCRIBED
            accepted.append((message, scenario))
        self.state.touch()
        return tuple(accepted)

    def _response(
        self, decisions: Sequence[Decision], ids: Sequence[str | None]
    ) -> tuple[int, Json]:
        """Return HTTP status and body for a request that was judged number by number."""
        options = self.state.options
        good = sum(decision.accepted for decision in decisions)
        if good == len(decisions):
            code, status = ACCEPTED, 200
        elif good:
            code, status = options.mixed_code, options.mixed_http_status
        else:
            code, status = options.refused_code, http_status(options.refused_code)
        created = write_time(self.state.now())
        result: list[JsonValue] = []
        for decision, message_id in zip(decisions, ids, strict=True):
            entry: Json = {
                "originTo": decision.origin_to,
                "createTime": created,
                "from": decision.draft.channel_number,
            }
            if message_id is not None:
                entry["smsMsgId"] = message_id
            if options.country_and_parts:
                if decision.country is not None:
                    entry["countryId"] = decision.country
                entry["total"] = (
                    decision.draft.parts if decision.accepted else options.refused_parts
                )
            entry["status"] = decision.status
            result.append(entry)
        return status, {
            "result": result,
            "code": code,
            "description": description(code),
        }


def _check_content_type(call: Call) -> None:
    """Refuse the request unless its body is of the kind that its address wants."""
    wanted = FORM if call.path == TEMPLATED_PATH else JSON
    media_type = call.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type.lower() != wanted:
        raise RefusedRequestError("E000040")
