"""The public page for whoever builds a department's system: the exchange's contract, as it is."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lianban.exchange import complaints, contract, partners, signing
from lianban.exchange.reference import described as reference
from lianban.exchange.reference.worked import worked
from lianban.web.components import access


@dataclass(frozen=True)
class Address:
    """One address of either side: method, path, what it is for, and what it answers."""

    method: str
    path: str
    use: str
    answers: str


OURS = (
    Address("POST", "/exchange/v1/messages", "您有消息告诉我们，一次一条", "Receipt"),
    Address(
        "GET", "/exchange/v1/messages?after=0&limit=50", "您的系统连不进去时，来取消息", "Page"
    ),
    Address("GET", "/exchange/v1/files/…", "取材料文件，地址在消息里", "文件"),
    Address("GET", "/exchange/v1/sub-cases/子办件编号", "看一个子办件在我们这里的状态", "BookLine"),
    Address(
        "GET",
        "/exchange/v1/book?after=&limit=100",
        "看推送过给您的全部子办件，用来对账",
        "BookPage",
    ),
    Address(
        "PUT",
        "/exchange/v1/book",
        "您的系统连不进去时，每晚交一次您的台账，一页一页交（BookPart）",
        "BookReceipt",
    ),
)
THEIRS = (
    Address("POST", "/messages", "我们推送消息，一次一条", "PartnerReceipt"),
    Address("GET", "/sub-cases/子办件编号", "我们查一个子办件", "BookLine"),
    Address("GET", "/book?after=&limit=100", "我们每晚对账", "BookPage"),
)
#: What we make of a partner's answer.
HEEDED = (
    ("200，签名对，id 对", "送到了，不再发"),
    ("429、503", "过一会儿再发；Retry-After 写秒数，我们照它说的等"),
    ("400、409、413、415、422", "不再发，马上转人工看"),
    ("401、403、404、405、410", "两边设置不一样：照样再发，同时请人来看"),
    (
        "其他都算暂时不通：超过 10 秒、连不上、其他 5xx、跳转、网页、没签名、超过 1 MB",
        "换新签名、用同一编号再发，越隔越久，一共七天；还不通就转人工",
    ),
)


@access.public
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the contract."""
    key = partners.own_key()
    context = {
        "version": contract.VERSION,
        "tag": signing.TAG,
        "media_type": contract.MEDIA_TYPE,
        "most_megabytes": contract.MOST_BYTES // 1024 // 1024,
        "ours": OURS,
        "theirs": THEIRS,
        "heeded": HEEDED,
        "told": reference.told(),
        "heard": reference.heard(),
        "envelope": reference.part(contract.Envelope),
        "parts": reference.parts(),
        "replies": reference.replies(),
        "reasons": contract.REASONS,
        "complaints": [(code, *said) for code, said in complaints.KNOWN.items()],
        "worked": worked(),
        "address": partners.public_address() or f"{request.scheme}://{request.get_host()}",
        "key": key,
        "public_key": key.public.hex(),
    }
    return render(request, "contract/reference.html", context)
