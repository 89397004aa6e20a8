internal import Base
internal import Catalog
internal import Objects

/// Tells notices to one target, one after the other; made and used by one thread.
protocol NoticeSender: AnyObject {
  /// `goesOn` is asked about once a second.
  func tell(_ notice: Notice, _ body: [UInt8], at date: Int, goesOn: () -> Bool) -> Telling
  /// Called some times a second while nothing is told.
  func rest()
}

extension NoticeSender {
  func rest() {}
}

/// A webhook, over a connection that is kept.
final class WebhookSender: NoticeSender {
  private let target: DeliveryTarget
  private let connection: ServerConnection

  /// Of an answer that is taken so much is read.
  private static let mostBytes = 64 << 10

  init(_ target: DeliveryTarget) throws(Fault) {
    self.target = target
    var limits = SignedRequest.limits
    limits.reachesPrivate = target.reachesPrivate
    connection = try ServerConnection(limits: limits)
  }

  func tell(_ notice: Notice, _ body: [UInt8], at date: Int, goesOn: () -> Bool) -> Telling {
    guard let secret = target.credentials.secret else {
      return Telling(
        verdict: .again(isOfTarget: true, after: nil),
        reason: "this server does not know the target's secret: it stands in the configuration of another")
    }
    let request = SignedRequest.make(to: target.address, id: notice.id, at: date, secret: secret, body: body)
    // What was taken stays taken, whatever becomes of the rest of the answer.
    var (taken, count) = (Int?.none, 0)
    do throws(Fault) {
      let answer = try connection.send(
        request,
        into: { (bytes) throws(Fault) in
          count += bytes.count
          guard count <= Self.mostBytes else { throw Fault(.tooLarge, "the receiver's answer is too long") }
        }, goesOn: { _ in goesOn() }, head: { (answer) throws(Fault) in taken = answer.status })
      return .answered(answer.status, retryAfter: answer["retry-after"])
    } catch {
      if let taken { return .answered(taken, retryAfter: nil) }
      if error.kind == .closed, !goesOn() { return Telling(verdict: .stopped) }
      // What stands behind the host may be a secret.
      let reason = error.message.replacing(target.address, with: target.origin)
      return Telling(verdict: .again(isOfTarget: true, after: nil), reason: reason)
    }
  }
}
