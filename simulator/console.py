"""What the customer's console holds: applications, signatures, templates, files.

Both APIs look here, so what is changed by one is so for the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from .config import Application, Config, Kind, Record, Signature, Template
from .templates import check_template
from .typed import InvalidValueError

ADOPTED = "Adopted"

_FIRST_RECORD = 1001
_FIRST_CHANNEL = 8_824_110_700_001


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file, of which only the size is kept."""

    id: str
    name: str
    size: int
    description: str
    update_time: str


class Console:
    """All records; a new one is made when everything is forgotten.

    Attributes:
        applications: By key.
        signatures: By primary key.
        templates: By the id that sending wants.
        files: By id.
    """

    def __init__(self, config: Config) -> None:
        """Take the records of the configuration.

        Raises:
            InvalidValueError: a template breaks a rule.
        """
        self._ids = count(_FIRST_RECORD)
        self._channels = count(_FIRST_CHANNEL)
        self.account = config.account
        self.countries = config.countries
        self.files: dict[str, File] = {}
        self.applications: dict[str, Application] = {}
        for application in self._numbered(config.applications):
            name = application.name or f"Application {application.record_id}"
            self.applications[application.app_key] = replace(application, name=name)
        self.signatures = {
            signature.record_id: signature
            for signature in self._numbered(config.signatures)
        }
        self.templates: dict[str, Template] = {}
        names = {signature.name for signature in config.signatures}
        for template in self._numbered(config.templates):
            check_template(template)
            if template.signature and template.signature not in names:
                raise InvalidValueError(f"template {template.id}: unknown signature")
            self.templates[template.id] = template

    def new_id(self) -> str:
        """Return a primary key that nothing has."""
        return str(next(self._ids))

    def new_channel(self) -> str:
        """Return a channel number that no signature has."""
        return str(next(self._channels))

    def application_of(self, record_id: str) -> Application | None:
        """Return the application of a primary key."""
        return _of_record(self.applications.values(), record_id)

    def template_of(self, record_id: str) -> Template | None:
        """Return the template of a primary key."""
        return _of_record(self.templates.values(), record_id)

    def signature_named(self, name: str | None) -> Signature | None:
        """Return the signature of a name."""
        named = (one for one in self.signatures.values() if one.name == name)
        return next(named, None)

    def owner_of(self, record: Signature | Template) -> Application | None:
        """Return the application that a signature or template belongs to."""
        if isinstance(record, Signature):
            kind, key = Kind.MAINLAND, record.app_key
        else:
            kind, key = record.kind, next(iter(record.app_keys), None)
        if key is not None:
            return self.applications.get(key)
        of_kind = (one for one in self.applications.values() if one.kind is kind)
        return next(of_kind, None)

    def _numbered[R: Record](self, records: Iterable[R]) -> list[R]:
        """Return records that all have a primary key."""
        return [
            record if record.record_id else replace(record, record_id=self.new_id())
            for record in records
        ]


def flow_status(template: Template) -> str:
    """Return the state of a template."""
    return template.flow_status or (ADOPTED if template.active else "Reject")


def _of_record[R: Record](records: Iterable[R], record_id: str) -> R | None:
    """Return the record of a primary key."""
    return next((one for one in records if one.record_id == record_id), None)
