import Base
import Catalog
import Foundation
import Library
import LibraryKit
import TestKit
import Testing

@testable import Delivery

struct SenderTests {
  private func notice(_ phase: Notice.Phase = .start, stream: String = "dock") -> Notice {
    var random = SeededRandom(3)
    let event = StreamEvent(
      id: ULID(milliseconds: 1_700_000_000_000, using: &random), client: "acme", stream: stream, rule: "there",
      from: 1_700_000_000_000, pipeline: "sha256:0")
    return Notice(event, phase, version: nil, for: "hook", queued: 1_700_000_000_000, id: NoticeBatch.id)
  }

  private func target(_ address: String, isPrivate: Bool = true) -> DeliveryTarget {
    var target = DeliveryTarget(client: "acme", name: "hook", address: address, created: 0)
    target.reachesPrivate = isPrivate
    target.credentials.secret = target.kind == .webhook ? "whsec_" + Base64.encode(Array(repeating: 7, count: 32)) : nil
    return target
  }

  private func tell(_ target: DeliveryTarget) throws -> Telling {
    try WebhookSender(target).tell(notice(), Array("{}".utf8), at: Clock.date) { true }
  }

  @Test("A receiver that is away, speaks no TLS or redirects has a reason that names it, and is told again")
  func troubles() throws {
    let folder = TemporaryFolder()
    let server = try LocalServer(folder: folder.path)
    let cases: [(String, Bool, String)] = [
      ("http://127.0.0.1:1/", true, "takes no connection"),
      (server.address.replacing("http://", with: "https://") + "/x", true, "secure connection"),
      ("\(server.address)/loop/x", false, "no redirect is followed"),
      ("\(server.address)/status/503/x", true, "answered 503"),
      ("\(server.address)/status/404/x", false, "answered 404"),
    ]
    for (address, isOfTarget, words) in cases {
      let telling = try tell(target(address))
      guard case .again(let all, _) = telling.verdict else {
        Issue.record("\(address): \(telling)")
        continue
      }
      #expect(all == isOfTarget && telling.reason?.contains(words) == true, "\(address): \(telling)")
    }
    #expect(try tell(target("\(server.address)/status/410/x")).verdict == .gone)
    #expect(try tell(target("\(server.address)/status/204/x")).verdict == .taken)
  }

  @Test("No webhook and no broker of a stranger's is reached at this machine, by name or by number")
  func gate() throws {
    let folder = TemporaryFolder()
    let server = try LocalServer(folder: folder.path)
    let port = server.address.split(separator: ":").last ?? ""
    let fixture = try DeliveryFixture(.embedded)
    for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433"] {
      let hook = try tell(target("http://\(host):\(port)/x", isPrivate: false))
      #expect(hook.reason?.contains("local network") == true, "\(host): \(hook)")
      for scheme in ["mqtt", "mqtts"] {
        let sender = try BrokerSender(target("\(scheme)://\(host):\(port)", isPrivate: false), fixture.library)
        let broker = sender.tell(notice(), Array("{}".utf8), at: Clock.date) { true }
        #expect(broker.reason?.contains("local network") == true, "\(scheme) \(host): \(broker)")
      }
    }
    #expect(try server.log().isEmpty, "nothing came there")
  }

  @Test("What is no broker is told apart from one that is away, and leaves nothing behind")
  func noBroker() throws {
    let fixture = try DeliveryFixture(.embedded)
    let folder = TemporaryFolder()
    let server = try LocalServer(folder: folder.path)
    let files = try FileSystem.list("/proc/self/fd").count
    for round in 0..<60 {
      let none = try BrokerSender(target("mqtt://127.0.0.1:1"), fixture.library)
      #expect(none.tell(notice(), [], at: Clock.date) { true }.reason?.contains("takes no connections") == true)
      if round > 5 { continue }
      let web = try BrokerSender(
        target(server.address.replacing("http", with: "mqtt")), fixture.library, patience: 0.5)
      let telling = web.tell(notice(), [], at: Clock.date) { true }
      #expect(telling.reason?.contains("broker") == true, "\(telling)")
    }
    let later = try FileSystem.list("/proc/self/fd").count
    #expect(later < files + 50, "\(files) and \(later) descriptors")
  }

  @Test("A notice is signed as the page says that a receiver checks it, by the page's own lines of Python")
  func documented() throws {
    let page = try String(contentsOfFile: "\(Checkout.path)/docs/delivery.md", encoding: .utf8)
    let code = try #require(
      page.components(separatedBy: "```python\n").dropFirst().first?.components(separatedBy: "```").first)
    let folder = TemporaryFolder()
    let (secret, body) = (
      "whsec_" + Base64.encode(Array(repeating: 9, count: 32)), NoticeBody.json(notice(), links: nil)
    )
    let request = SignedRequestWords.of(id: notice().id, date: Clock.date, secret: secret, body: body)
    let script = """
      import json, sys
      headers, body, secret = json.loads(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]
      assert is_ours(headers, body, secret)
      assert not is_ours(headers, body + b" ", secret)
      assert not is_ours(headers | {"webhook-id": "dlv_0"}, body, secret)
      assert not is_ours(headers, body, secret[:-4] + "AAA=")
      assert not is_ours(headers, body, secret, now=int(headers["webhook-timestamp"]) + 301)
      """
    try FileSystem.write(Array((code + "\n" + script).utf8), to: folder.file("check.py"))
    let result = shell(["python3", folder.file("check.py"), request, Hex.text(body), secret])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("A body names what happened and that it is told; with links, which stay the same until it is told anew")
  func bodies() throws {
    var one = notice(.end)
    one = with(one) { $0.snapshot = "abc" }
    let links = LinkSigner(key: Array(repeating: 1, count: 32), origin: "https://c.example", seconds: 60)
    let text = String(decoding: NoticeBody.json(one, links: links), as: UTF8.self)
    #expect(text.contains(#""type":"event.end""#) && text.contains(#""id":"\#(one.event.id)_end""#))
    #expect(text.contains(#""delivery":"\#(one.id)""#) && text.contains(#""expires":"2023-11-14T22:14:20Z""#))
    #expect(
      text.contains("https://c.example/v1/links/\(one.event.id)/snapshot?client=acme&expires=1700000060&signature="))
    #expect(!text.contains("/clip?"))
    let clipped = String(decoding: NoticeBody.json(with(one) { $0.keepsClip = true }, links: links), as: UTF8.self)
    #expect(
      clipped.contains("https://c.example/v1/links/\(one.event.id)/clip?client=acme&expires=1700000060&signature="))
    #expect(clipped.contains(#""clips":true"#) && clipped.contains("/snapshot?client=acme"))
    #expect(NoticeBody.json(one, links: links) == NoticeBody.json(one, links: links))
    var later = one
    later.queued += 5000
    #expect(NoticeBody.json(later, links: links) != NoticeBody.json(one, links: links))
  }

  private func with(_ notice: Notice, _ set: (inout StreamEvent) -> Void) -> Notice {
    var event = notice.event
    set(&event)
    return Notice(event, notice.phase, version: nil, for: notice.target, queued: notice.queued, id: NoticeBatch.id)
  }
}
