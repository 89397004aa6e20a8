import Base
import Testing

@testable import Gateway

struct OriginGuardTests {
  @Test(
    "Programs and the server's own page come in, by whatever name this machine has",
    arguments: [
      (nil, nil), ("127.0.0.1:8080", nil), ("localhost", nil), ("LOCALHOST:8080", nil), ("[::1]:8080", nil),
      ("127.0.0.1:8080", "http://127.0.0.1:8080"), ("localhost", "https://localhost"), ("[::1]:1", "http://[::1]:1"),
    ] as [(String?, String?)])
  func welcome(_ host: String?, _ origin: String?) { #expect(OriginGuard.stranger(host: host, origin: origin) == nil) }

  @Test(
    "A name that another site lets point here is refused, with what to do",
    arguments: [
      "example.org", "example.org:8080", "127.0.0.1.example.org", "localhost.example.org:80", "10.0.0.1", "[::2]:80",
      "", "127.1", "0.0.0.0:8080",
    ])
  func rebinding(_ host: String) {
    let stranger = OriginGuard.stranger(host: host, origin: nil)
    #expect(stranger == .foreignName(host) && stranger.map { Failure($0.fault).status } == 403)
    #expect(stranger?.fault.message.contains("--keys") == true)
  }

  @Test(
    "A page of another site is refused, also one of another port",
    arguments: [
      "https://example.org", "http://127.0.0.1:3000", "http://localhost:8080", "null", "", "file://",
      "ftp://127.0.0.1:8080",
    ])
  func foreign(_ origin: String) {
    #expect(OriginGuard.stranger(host: "127.0.0.1:8080", origin: origin) == .foreignPage(origin))
  }
}
