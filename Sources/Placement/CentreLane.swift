internal import Base
internal import Inference
internal import Objects

/// One way to a model of a centre, for one input after the other, over a connection that is kept.
///
/// A question that got no answer is asked again for a while, since an answer depends on nothing but its input; then the centre is given up, for
/// all lanes at once.
final class CentreLane: RemoteLane, @unchecked Sendable {  // its unit asks it from one thread, `lost` is guarded
  private let model: CentreModel
  private let address: CentreAddress
  private let traffic: LinkTraffic
  /// Why the centre was given up, for all lanes; `nil` where each question is tried anew.
  private let lost: Monitor<Fault?>?
  private let path: String
  private var connection: ServerConnection?

  init(_ model: CentreModel, _ address: CentreAddress, _ traffic: LinkTraffic, lost: Monitor<Fault?>?) {
    (self.model, self.address, self.traffic, self.lost) = (model, address, traffic, lost)
    let (name, version) = (CentreAddress.encoded(model.name), CentreAddress.encoded(model.version))
    path = "/v2/models/\(name)/versions/\(version)/infer"
  }

  var outputs: [TensorSpec] { model.outputs }

  func run(_ inputs: [SharedBytes], source: String, deadline: UInt64) throws(LaneFailure) -> [BatchOutput] {
    var request = address.request(
      "POST", path,
      headers: [("Content-Type", "application/octet-stream"), ("Inference-Header-Content-Length", "0")])
    request.body = .bytes(unsafe [UInt8](inputs[0].pointer))
    // A connection that something on the way forgot is noticed after half a minute: patience begins then.
    var (attempt, end, why) = (0, UInt64?.none, Fault(.unavailable, "it was not asked"))
    while true {
      if let fault = lost?.update({ $0 }) { throw .lost(fault) }
      guard Clock.now < deadline else { throw .late }
      do throws(Fault) {
        let answer = try ask(request, deadline)
        guard [429, 503].contains(answer.status) else { return try outputs(of: answer, request) }
        why = CentreAnswer.fault(answer, address)
      } catch {
        guard Clock.now < deadline else { throw .lost(Self.tooLate(address)) }
        guard error.kind == .unavailable else { throw .failed(error) }
        why = error
      }
      let last = end ?? Clock.now + address.patience
      end = last
      guard Clock.now < last else { throw .lost(giveUp(why)) }
      attempt += 1
      traffic.addRepeat()
      // 50 ms, 100 ms … up to a second
      Clock.sleep(until: Clock.now + min(1_000_000_000, 50_000_000 << UInt64(min(attempt - 1, 5))))
    }
  }

  private static func tooLate(_ address: CentreAddress) -> Fault {
    Fault(.unavailable, "the centre \(address.host) had it, and gave no answer in time")
  }

  private func ask(_ request: ServerRequest, _ deadline: UInt64) throws(Fault) -> ServerAnswer {
    let connection: ServerConnection
    if let kept = self.connection {
      connection = kept
    } else {
      connection = try ServerConnection(limits: Centre.limits, authorities: address.authorities)
      self.connection = connection
    }
    var request = request
    let now = Clock.now
    if deadline < .max { request.milliseconds = Int((deadline - min(deadline, now)) / 1_000_000) + 1 }
    return try connection.send(request)
  }

  private func outputs(of answer: ServerAnswer, _ request: ServerRequest) throws(Fault) -> [BatchOutput] {
    guard answer.status == 200 else { throw CentreAnswer.fault(answer, address) }
    let outputs = try CentreAnswer.outputs(answer, of: model, address)
    traffic.add(up: request.wireBytes, down: answer.wireBytes)
    return outputs
  }

  /// The others need not find that out one by one.
  private func giveUp(_ why: Fault) -> Fault {
    // One that has too much to do is there.
    let fault = Fault(
      why.kind == .exhausted ? .exhausted : .unavailable,
      "the centre \(address.host) gave no answer about '\(model.name)': \(why.message)", cause: why.cause)
    lost?.update { $0 = $0 ?? fault }
    return fault
  }
}

extension ServerRequest {
  /// Bytes of head and body, as they are sent over HTTP/1.1; the head to within some.
  var wireBytes: Int {
    let body = if case .bytes(let bytes) = body { bytes.count } else { 0 }
    // the line itself, `Host`, `User-Agent`, `Accept` and `Content-Length`
    return headers.reduce(body + address.utf8.count + 110) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
  }
}

extension ServerAnswer {
  /// Bytes of head and body, as they came over HTTP/1.1.
  var wireBytes: Int {
    headers.reduce(body.count + 19) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
  }
}
