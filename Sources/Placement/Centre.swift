public import Base
internal import JSON
public import ModelHub
internal import Objects

/// A server that computes for an edge, as it is asked about its models.
public final class Centre {
  public let address: CentreAddress
  private let connection: ServerConnection
  private let goesOn: () -> Bool

  /// `goesOn` is asked once a second while a question waits; where it says `false` that ends with the fault `closed`.
  public init(_ address: CentreAddress, goesOn: @escaping () -> Bool = { true }) throws(Fault) {
    (self.address, self.goesOn) = (address, goesOn)
    connection = try ServerConnection(limits: Self.limits, authorities: address.authorities)
  }

  /// Short waits: what gives no answer is asked again.
  static var limits: ServerConnection.Limits {
    var limits = ServerConnection.Limits()
    (limits.connectSeconds, limits.stallSeconds) = (10, 30)
    return limits
  }

  /// The version that answers as the model does here.
  ///
  /// - Throws: where the centre has no version with the model's digest that is ready, or computes it in another precision, or where the model is shown its
  ///   pictures otherwise here; no network was asked then.
  public func version(of model: Model, precision: Precision) throws(Fault) -> CentreModel {
    // What is done to a picture's numbers is a part of the network there.
    guard !model.hasOtherInput else {
      throw Fault(
        .unsupported,
        "'\(model.name)' is shown its pictures otherwise here than the centre \(address.host) would: leave the options of its input out (--mean, --scale, --color, --size …), or the centre"
      )
    }
    let (name, digest) = (model.name, model.published ?? model.digest)
    let (ready, others) = try versions(of: name)
    guard let found = ready.first(where: { $0.digest == digest }) else {
      let known = ready.map { "version \($0.version) is \(Self.short($0.digest))" } + others
      let has = known.isEmpty ? "no version of it is ready there" : known.joined(separator: ", ")
      throw Fault(
        .conflict,
        "the centre \(address.host) has another '\(name)' (\(has); here it is \(Self.short(digest))): have the same version at both, or take the cut 'events'"
      )
    }
    if let served = found.precision, precision != .auto, served != precision.rawValue {
      throw Fault(
        .conflict,
        "the centre \(address.host) computes '\(name)' in \(served), and \(precision.rawValue) is asked for here: set its precision there (settings), or here"
      )
    }
    return found
  }

  /// What the centre has of a model: versions that are ready, and what stands in the way of the others.
  func versions(of name: String) throws(Fault) -> (ready: [CentreModel], others: [String]) {
    let path = "/v1/models/\(CentreAddress.encoded(name))"
    return try CentreModel.versions(of: name, in: document(path, about: name))
  }

  private func document(_ path: String, about model: String) throws(Fault) -> JSONValue {
    try document(path) { [address] answer in
      guard answer.status == 404 else { return CentreAnswer.fault(answer, address) }
      return Fault(
        .notFound,
        "the centre \(address.host) serves no model '\(model)': serve it there, or take the cut 'events'")
    }
  }

  private static func short(_ digest: String) -> String { digest.count > 20 ? "\(digest.prefix(19))…" : digest }

  /// Inferences of a version so far, and the nanoseconds that they took.
  public func inferred(_ model: CentreModel) throws(Fault) -> (count: Int, nanoseconds: Int) {
    let name = CentreAddress.encoded(model.name)
    let path = "/v2/models/\(name)/versions/\(CentreAddress.encoded(model.version))/stats"
    let all = try document(path, about: model.name).fields(StatisticsKey.self, others: .ignored)
    guard let first = try Array(all.required(.model_stats).elements()).first else { return (0, 0) }
    let fields = try first.fields(OneKey.self, others: .ignored)
    let parts = try fields.required(.inference_stats).fields(PartKey.self, others: .ignored)
    let tally = try parts.required(.compute_infer).fields(TallyKey.self, others: .ignored)
    return (
      try tally.required(.count).integer(in: 0...(1 << 60)), try tally.required(.ns).integer(in: 0...(1 << 60))
    )
  }

  private enum StatisticsKey: String, CaseIterable { case model_stats }
  private enum OneKey: String, CaseIterable { case inference_stats }
  private enum PartKey: String, CaseIterable { case compute_infer }
  private enum TallyKey: String, CaseIterable { case count, ns }

  /// Seconds from a small question to its answer, the quickest of some.
  public func roundTrip() throws(Fault) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let watch = Stopwatch()
      _ = try connection.send(address.request("GET", "/healthz"))
      best = min(best, watch.seconds)
    }
    return best
  }

  /// What it answers there; `failure` says what another answer means.
  func document(_ path: String, _ failure: (ServerAnswer) -> Fault) throws(Fault) -> JSONValue {
    let answer: ServerAnswer
    var request = address.request("GET", path)
    request.milliseconds = 30_000
    do throws(Fault) { answer = try connection.send(request, goesOn: { _ in goesOn() }) } catch {
      throw Fault(error.kind, "the centre cannot be asked: \(error.message)", cause: error.cause)
    }
    guard answer.status == 200 else { throw failure(answer) }
    do {
      return try unsafe JSONDocument(parsing: answer.body.span.bytes, name: "the answer of \(address.host)").root
    } catch {
      throw Fault(
        .unavailable, "\(address.host) answers what is no JSON: is it 'ridley serve'?", cause: error.message)
    }
  }
}
