import Access
import Base
import Testing
import Web

@testable import Gateway

struct BearerKeyTests {
  @Test("The key stands behind Bearer, however that is written; other credentials are none")
  func header() {
    for header in ["Bearer rk_a", "bearer rk_a", "BEARER  rk_a"] {
      #expect(BearerKey.read(authorization: header) == "rk_a")
    }
    for header in [nil, "", "Bearer", "Basic rk_a", "rk_a", "Bearer a b"] {
      #expect(BearerKey.read(authorization: header) == nil)
    }
  }

  @Test("Every denial has its status, its headers and a sentence that names the way out, and none tells a secret")
  func denials() {
    let caller = Caller(key: "abcdefgh", client: "acme", scopes: Scopes([.infer]))
    let cases: [(Denial, Int, Fault.Kind, String, String)] = [
      (.noKey, 401, .denied, "WWW-Authenticate", "Authorization: Bearer"),
      (.unknownKey, 401, .denied, "WWW-Authenticate", "revoked"),
      (.expired(key: "abcdefgh", date: 0), 401, .denied, "WWW-Authenticate", "1970-01-01T00:00:00Z"),
      (.scopeMissing(.read, caller: caller), 403, .denied, "WWW-Authenticate", "is for infer, and this needs read"),
      (.tooFast(Rate(3, per: .hour), key: "abcdefgh", wait: 1), 429, .exhausted, "Retry-After", "3/h"),
    ]
    for (denial, status, kind, header, words) in cases {
      let failure = Failure(denial)
      #expect(failure.status == status && failure.fault.kind == kind)
      #expect(Self.headers(failure).map(\.0) == [header])
      #expect(failure.fault.message.contains(words), "\(failure.fault.message)")
      #expect((denial.retryAfter > 0) == (status == 429))
    }
    #expect(Self.headers(Failure(.tooFast(Rate(3, per: .hour), key: "", wait: 1_000_000_001)))[0].1 == "2")
  }

  /// Of its answer, beside the body's type.
  private static func headers(_ failure: Failure) -> [(String, String)] {
    failure.response(path: nil, id: "").headers.filter { $0.0 != "Content-Type" }
  }
}
