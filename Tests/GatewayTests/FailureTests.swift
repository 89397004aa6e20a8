import Base
import Testing
import Web

@testable import Gateway

struct FailureTests {
  @Test("Each kind of fault has one status")
  func statuses() {
    let wanted: [Fault.Kind: Int] = [
      .usage: 400, .badInput: 400, .denied: 403, .notFound: 404, .unsupported: 422, .tooLarge: 413, .conflict: 409,
      .exhausted: 429,
      .unavailable: 503,
      .closed: 503, .bug: 500,
    ]
    for kind in Fault.Kind.allCases { #expect(Failure.status(of: kind) == wanted[kind], "\(kind)") }
  }

  @Test("A failure is an envelope with the request's id, one sentence under /v2, and says when to come again")
  func answers() {
    let failure = Failure(Fault(.exhausted, "a \"full\" queue"), retryAfter: 1.2)
    let ours = failure.response(path: "/v1/models", id: "abc")
    #expect(
      String(decoding: ours.body, as: UTF8.self)
        == #"{"error":{"code":"exhausted","message":"a \"full\" queue","request":"abc"}}"#)
    let theirs = failure.response(path: "/v2/models/a/infer", id: "abc")
    #expect(String(decoding: theirs.body, as: UTF8.self) == #"{"error":"a \"full\" queue"}"#)
    for answer in [ours, theirs] {
      #expect(answer.status == 429)
      #expect(answer.headers.contains { $0 == ("Retry-After", "2") })
    }
    let other = Failure(Fault(.notFound, "no")).response(path: nil, id: "abc")
    #expect(other.status == 404 && !other.headers.contains { $0.0 == "Retry-After" })
  }
}
