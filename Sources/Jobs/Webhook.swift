internal import Base
internal import Catalog
internal import Objects

/// Tells an address that a job is over, signed as ``SignedRequest`` has it, tried again until it is taken.
///
/// Each end of a job has an id of its own, `job_01K…_1`, which stays the same however often it is told, so that a receiver can leave out what it has seen.
enum Webhook {
  /// Attempts, the last of them about two hours after the first.
  static let mostAttempts = 13

  /// What is told of a job that is over.
  static func request(_ job: Job, at date: Int) -> ServerRequest {
    let body = JSONWriter.object(capacity: 1024) { json in
      json.field("type", "job.\(job.state.rawValue)")
      json.field("timestamp", UTC.text(date))
      json.object("data", job.write)
    }
    return SignedRequest.make(
      to: job.webhook?.address ?? "", id: "job_\(job.id)_\(job.round)", at: date, secret: job.webhook?.secret ?? "",
      body: body)
  }

  /// Tells it once; the fault is `unavailable` where the receiver does not take it, which is any answer but 200 to 299, and `closed` where
  /// `goesOn`, which is asked once a second, says no.
  static func send(_ job: Job, at date: Int, goesOn: () -> Bool = { true }) throws(Fault) {
    guard let webhook = job.webhook else { return }
    var limits = SignedRequest.limits
    limits.reachesPrivate = webhook.reachesPrivate
    let answer = try ServerConnection(limits: limits).send(request(job, at: date), goesOn: { _ in goesOn() })
    guard !(200...299).contains(answer.status) else { return }
    throw Fault(.unavailable, "the webhook's receiver answered \(answer.status)")
  }
}
