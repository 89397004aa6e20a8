import Access
import Base
import Foundation
import TestKit
import Testing
import Web

@testable import Gateway

struct SessionTests {
  @Test("A key is exchanged for a session, which says who one is and opens what the key opens")
  func signIn() throws {
    let server = try SignedServer()
    defer { server.end() }
    let asset = try server.add("acme")
    let new = try server.signIn(try server.makeKey("acme", user: "Ada Lovelace"))
    #expect(new.answer.status == 200 && new.answer.headers["cache-control"] == "no-store", "\(new.answer.text)")
    #expect(new.cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "\(new.cookie)")
    #expect(Set(new.json.keys) == ["client", "key", "user", "scopes", "csrf", "expires"], "\(new.answer.text)")
    #expect(new.json["client"] as? String == "acme" && new.json["user"] as? String == "Ada Lovelace")
    #expect(new.json["scopes"] as? [String] == ["read", "write"])
    let end = try #require((new.json["expires"] as? String).flatMap { UTC.seconds($0) })
    #expect(abs(end - Clock.date - 43_200) < 10)
    let who = try server.ask("GET", "/v1/session", [new.header])
    #expect(who.status == 200 && who.body == new.answer.body)
    #expect(try server.ask("GET", "/v1/session").status == 401)
    #expect(try server.ask("GET", "/v1/assets/\(asset)", [new.header]).status == 200)
    let edit = (body: #"{"tags":["a"]}"#, path: "/v1/assets/\(asset)")
    let without = try server.ask("PATCH", edit.path, [new.header], body: edit.body)
    #expect(without.status == 403 && without.text.contains("X-CSRF-Token"), "\(without.text)")
    #expect(try server.ask("PATCH", edit.path, [new.header, new.token], body: edit.body).status == 200)
  }

  @Test("A key says who one is as well, without a session's fields; a wrong one is told as on every route")
  func byKey() throws {
    let server = try SignedServer()
    defer { server.end() }
    let key = try server.makeKey("acme", [.infer])
    let who = try server.ask("GET", "/v1/session", [("Authorization", "Bearer \(key.text)")])
    #expect(who.text == #"{"client":"acme","scopes":["infer"],"key":"\#(key.key.id)"}"#)
    let wrong = [("Authorization", "Bearer " + String(key.text.dropLast()) + (key.text.last == "a" ? "b" : "a"))]
    let (refused, usual) = (try server.ask("POST", "/v1/session", wrong), try server.ask("GET", "/v1/clients", wrong))
    #expect(refused.status == 401 && refused.headers["set-cookie"] == nil && usual.status == 401)
    let words = try [refused, usual].map { answer in
      let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: [String: String]]
      return json?["error"]?["message"]
    }
    #expect(words[0] != nil && words[0] == words[1])
  }

  @Test("Signed out it is over here, after a restart, and in the browser; others of the key go on over a restart")
  func signOut() throws {
    var server = try SignedServer()
    let key = try server.makeKey("acme")
    let (new, other) = (try server.signIn(key), try server.signIn(key))
    #expect(new.text != other.text && new.csrf != other.csrf)
    #expect(try server.ask("DELETE", "/v1/session", [new.header], body: "").status == 403)
    #expect(try server.ask("DELETE", "/v1/session", [new.header, other.token], body: "").status == 403)
    let bare = try server.ask("DELETE", "/v1/session", [("Authorization", "Bearer \(key.text)")], body: "")
    #expect(bare.status == 400 && bare.text.contains("no session to sign out of"))
    let out = try server.ask("DELETE", "/v1/session", [new.header, new.token], body: "")
    #expect(out.status == 204 && out.headers["set-cookie"]?.contains("ridley_session=; Path=/; Max-Age=0") == true)
    #expect(try server.ask("GET", "/v1/session", [new.header]).status == 401)
    server.end()
    server = try SignedServer(server.ground)
    defer { server.end() }
    #expect(try server.ask("GET", "/v1/session", [new.header]).status == 401)
    #expect(try server.ask("GET", "/v1/session", [other.header]).status == 200)
  }

  @Test("A session is no way to another one, and its requests use up the key's rate")
  func noChain() throws {
    let server = try SignedServer()
    defer { server.end() }
    let new = try server.signIn(try server.makeKey("acme", rate: Rate(4, per: .hour)))
    #expect(try server.ask("POST", "/v1/session", [new.header, new.token], body: "").status == 401)
    for _ in 0..<9 { #expect(try server.ask("POST", "/v1/session", [new.header], body: "").status == 403) }
    #expect(try (0..<3).map { _ in try server.ask("GET", "/v1/clients", [new.header]).status } == [200, 200, 429])
  }

  @Test("Only a connection over TLS, or a trusted proxy that says so, makes the cookie one for TLS alone")
  func secure() throws {
    let proxy = try AddressRange(text: "127.0.0.1")
    for (proxies, header, isSecure) in [
      ([], "https", false), ([proxy], "https", true), ([proxy], "HTTPS, http", true), ([proxy], "http", false),
      ([proxy], "http, https", false), ([proxy], "", false),
    ] as [([AddressRange], String, Bool)] {
      let server = try SignedServer(proxies: proxies)
      defer { server.end() }
      let new = try server.signIn(try server.makeKey("acme"), headers: [("X-Forwarded-Proto", header)])
      #expect(new.cookie.hasSuffix("; Secure") == isSecure, "\(header): \(new.cookie)")
    }
  }

  @Test("The cookie is found among others, in one header or several")
  func cookies() {
    #expect(SessionCookie.read(["a=b; ridley_session=x.y; c=d"]) == "x.y")
    #expect(SessionCookie.read(["a=b", "ridley_session=x", "ridley_session=y"]) == "x")
    for header in ["", "ridley_session", "xridley_session=a", "Ridley_Session=a", "a=ridley_session=b"] {
      #expect(SessionCookie.read([header]) == nil, "\(header)")
    }
  }
}
