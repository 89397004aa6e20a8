internal import Base
internal import Web

extension FairThreadPool {
  /// Does a request's work on one of the threads and answers what it throws; refused where too many wait for `what` already.
  func run(
    _ exchange: Exchange, from source: String, waitingFor what: String,
    _ work: @escaping @Sendable () throws(Failure) -> Void
  ) throws(Failure) {
    let isTaken = take(from: source) {
      do throws(Failure) { try work() } catch { exchange.answer(error.response(exchange.request)) }
    }
    guard isTaken else { throw Failure(Fault(.exhausted, "too many requests wait for \(what): ask again")) }
  }
}
