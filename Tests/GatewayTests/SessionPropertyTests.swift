import Base
import TestKit
import Testing

@testable import Access
@testable import Gateway

/// Every way to show a session, right and wrong, against a real server of two clients.
struct SessionPropertyTests {
  /// What is shown, and as whose it should be taken.
  private struct Shown {
    var headers: [(String, String)]
    var csrf = ""
    var isSession = true
    /// `nil` where it is no way in.
    var client: String?
    var scopes: [Scope] = []
  }

  private let scopeSets: [[Scope]] = [[.read], [.write], [.read, .write], [.admin], [.infer]]

  /// Of one client: a key, and sessions that are good, signed out, of a revoked key, over, and sealed under another key.
  private func shown(_ server: SignedServer, _ client: String, _ scopes: [Scope]) throws -> [Shown] {
    let (key, gone) = (try server.makeKey(client, scopes), try server.makeKey(client, scopes))
    let (good, out, revoked) = (try server.signIn(key), try server.signIn(key), try server.signIn(gone))
    #expect(try server.ask("DELETE", "/v1/session", [out.header, out.token], body: "").status == 204)
    try server.revoke(gone)
    var random = SystemRandomNumberGenerator()
    let over = Session(of: key.key, at: Clock.date - Session.lifetime, using: &random)
    let forged = Session(of: key.key, at: Clock.date, using: &random)
    func bad(_ text: String, _ csrf: String) -> Shown {
      Shown(headers: [("Cookie", "ridley_session=\(text)")], csrf: csrf, client: nil)
    }
    return [
      Shown(headers: [("Authorization", "Bearer \(key.text)")], isSession: false, client: client, scopes: scopes),
      Shown(headers: [good.header], csrf: good.csrf, client: client, scopes: scopes),
      // Authorization goes before the cookie, also where it is wrong.
      Shown(headers: [good.header, ("Authorization", "Bearer \(gone.text)")], isSession: false, client: nil),
      bad(out.text, out.csrf), bad(revoked.text, revoked.csrf), bad(over.text(of: key.key), over.csrf),
      bad(forged.text(of: gone.key), forged.csrf), bad(key.text, good.csrf),
    ]
  }

  private struct Ask {
    var method: String
    var path: String
    var scope: Scope
    /// Whose asset it is about; `nil` where the answer is the caller's own.
    var owner: String?
  }

  @Test(
    "Key, session, revoked, over, signed out, forged × routes × CSRF token × origin × client: none gets further than it must"
  )
  func all() throws {
    let server = try SignedServer()
    defer { server.end() }
    var asks: [Ask] = []
    for client in ["acme", "bolt"] {
      let path = "/v1/assets/\(try server.add(client))"
      asks += [
        Ask(method: "GET", path: path, scope: .read, owner: client),
        Ask(method: "HEAD", path: path, scope: .read, owner: client),
        Ask(method: "PATCH", path: path, scope: .write, owner: client),
        Ask(method: "GET", path: "\(path)/thumbnail", scope: .read, owner: client),
        Ask(method: "GET", path: "/v1/assets?client=\(client)", scope: .read),
      ]
    }
    asks += ["/v1/assets", "/v1/clients", "/v1/totals"].map { Ask(method: "GET", path: $0, scope: .read) }
    for client in ["acme", "bolt"] {
      for scopes in scopeSets {
        for shown in try shown(server, client, scopes) {
          for ask in asks { for page in pages(shown) { try check(server, ask, shown, page, client) } }
        }
      }
    }
  }

  private struct Page {
    var headers: [(String, String)]
    var isOwn = true
    var hasToken: Bool
  }

  /// The page that asks: with the token or not, of this site or another.
  private func pages(_ shown: Shown) -> [Page] {
    let origin = ("Origin", "https://vision.example.org")
    let token = ("X-CSRF-Token", shown.csrf)
    return [
      Page(headers: [origin, token], hasToken: true), Page(headers: [token], hasToken: true),
      Page(headers: [origin], hasToken: false),
      Page(headers: [origin, ("X-CSRF-Token", String(repeating: "0", count: 64))], hasToken: false),
      Page(headers: [("Origin", "https://example.org"), token], isOwn: false, hasToken: true),
    ]
  }

  private func check(_ server: SignedServer, _ ask: Ask, _ shown: Shown, _ page: Page, _ client: String) throws {
    let body = ask.method == "PATCH" ? #"{"tags":["seen"]}"# : nil
    let answer = try server.ask(ask.method, ask.path, shown.headers + page.headers, body: body)
    let changes = ask.method == "PATCH"
    let allowed = Scopes(shown.scopes).allow(ask.scope)
    let expected =
      if shown.isSession, !page.isOwn {
        403
      } else if shown.client == nil {
        401
      } else if shown.isSession, changes, !page.hasToken {
        403
      } else if !allowed {
        403
      } else {
        ask.owner == nil || ask.owner == shown.client ? 200 : 404
      }
    #expect(answer.status == expected, "\(ask) \(shown) \(page): \(answer.status) \(answer.text)")
    let other = client == "acme" ? "bolt" : "acme"
    #expect(!answer.text.contains("secret-of-\(other)"), "\(ask) \(shown): \(answer.text)")
  }

  @Test("No session that was changed in one byte comes in")
  func tampered() throws {
    let server = try SignedServer()
    defer { server.end() }
    let new = try server.signIn(try server.makeKey("acme"))
    let bytes = Array(new.text.utf8)
    for index in bytes.indices {
      var other = bytes
      other[index] = other[index] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
      let text = String(decoding: other, as: UTF8.self)
      let status = try server.ask("GET", "/v1/session", [("Cookie", "ridley_session=\(text)")]).status
      #expect(status == 401, "\(text)")
    }
    #expect(try server.ask("GET", "/v1/session", [new.header]).status == 200)
  }
}
