import Testing

@testable import Serving

struct BackoffTests {
  private static let second: UInt64 = 1_000_000_000

  @Test("Pauses double up to 64 seconds")
  func doubles() {
    var backoff = RestartBackoff()
    let pauses = (0..<8).map { _ in
      backoff.failed(now: 0, answered: 0)
      return backoff.retry / Self.second
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 64])
  }

  @Test("One that answered for a minute begins from one second again; one that idled or fell at once does not")
  func lasts() {
    var backoff = RestartBackoff()
    for _ in 0..<4 { backoff.failed(now: 0, answered: 0) }
    let cases: [(seconds: UInt64, answered: Int, failures: Int)] = [(59, 5, 5), (61, 0, 5), (61, 5, 1)]
    for item in cases {
      var one = backoff
      one.began(now: 100 * Self.second, answered: 10)
      one.failed(now: (100 + item.seconds) * Self.second, answered: 10 + item.answered)
      #expect(one.failures == item.failures, "\(item)")
    }
  }
}
