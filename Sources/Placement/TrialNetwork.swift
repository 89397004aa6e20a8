internal import Base
internal import Execution
internal import Inference
internal import Loading
internal import ModelHub

/// One step's network in a trial: at the edge, at the centre, and played from answers that were kept.
final class TrialNetwork {
  /// A network that is loaded here; several steps may have the same.
  struct Near {
    let parts: PictureParts
    let unit: InferenceUnit
    /// Of a processor, for one inference; `nil` where that cannot be told.
    let processorSeconds: Double?
  }

  let model: Model
  let meter = NetworkMeter()
  private let near: Result<Near, Fault>
  private let far: Result<(parts: PictureParts, found: CentreModel), Fault>
  private let network: CentreNetwork

  /// - Throws: where it can be had neither here nor there.
  init(_ model: Model, _ near: Result<Near, Fault>, _ network: CentreNetwork) throws(Fault) {
    (self.model, self.near, self.network) = (model, near, network)
    do throws(Fault) {
      let found = try network.centre.version(of: model, precision: model.manifest.precision)
      far = .success((try PictureParts(found, of: model, host: network.centre.address.host), found))
    } catch { far = .failure(error) }
    if case .failure(let here) = near, case .failure(let there) = far {
      throw Fault(here.kind, "'\(model.name)' can be had neither here (\(here.message)) nor there (\(there.message))")
    }
  }

  static func load(_ model: Model, _ options: LoadOptions, on engine: Engine) -> Result<Near, Fault> {
    do throws(Fault) {
      let picture = try PictureModel(model, options, on: engine)
      // As a server measures it when it tries a network, so that both can be compared.
      let seconds = picture.network.processorSeconds()
      let unit = try InferenceUnit(picture.network)
      unit.waitUntilGrown()
      return .success(
        Near(parts: PictureParts(picture, device: options.device), unit: unit, processorSeconds: seconds))
    } catch { return .failure(error) }
  }

  /// Of one inference here, of a processor.
  var processorSeconds: Double? { if case .success(let near) = near { near.processorSeconds } else { nil } }

  /// By which servers know its version.
  static func digest(of model: Model) -> String { model.published ?? model.digest }

  /// Why it cannot be had here; `nil` where it can.
  var nearObjection: String? { Self.objection(near) }
  var farObjection: String? { Self.objection(far) }

  private static func objection<Value>(_ result: Result<Value, Fault>) -> String? {
    if case .failure(let fault) = result { fault.message } else { nil }
  }

  /// With everything measured that passes; the centre stands in for what cannot be had here.
  func metered() throws(Fault) -> LoadedModel {
    let (parts, unit): (PictureParts, InferenceUnit)
    if case .success(let near) = near {
      (parts, unit) = (near.parts, near.unit)
    } else {
      let far = try far.get()
      (parts, unit) = (far.parts, network.unit(of: far.found))
    }
    let lanes = (0..<unit.streams * unit.batch).map { _ in MeteredLane(unit, outputs: parts.outputs, meter) }
    return parts.loaded(model, InferenceUnit(remote: lanes, inputs: parts.inputs))
  }

  /// As it is used at the edge.
  func plain() throws(Fault) -> LoadedModel {
    let near = try near.get()
    return near.parts.loaded(model, near.unit)
  }

  /// As the centre would be if its answers came at once.
  func played() throws(Fault) -> LoadedModel {
    let parts = if case .success(let near) = near { near.parts } else { try far.get().parts }
    let lanes = (0..<network.flight).map { _ in PlayedLane(meter.kept, outputs: parts.outputs) }
    return parts.loaded(model, InferenceUnit(remote: lanes, inputs: parts.inputs))
  }

  /// What the centre takes for real inputs: seconds of an inference, and bytes of a question and an answer.
  ///
  /// As many are asked at a time as a pipeline would, for some seconds at most.
  func probe(_ figures: inout PlacementFigures.Network) throws(Fault) {
    guard case .success((_, let found)) = far else { return }
    figures.centreStreams = found.streams
    let inputs = meter.inputs
    guard !inputs.isEmpty else { return }
    let own = CentreNetwork(network.centre, flight: network.flight)
    let unit = own.unit(of: found)
    let before = try network.centre.inferred(found)
    try askOften(unit, inputs)
    let after = try network.centre.inferred(found)
    guard after.count > before.count else {
      throw Fault(
        .unavailable, "the centre does not tell how long '\(model.name)' takes: is it the server that was asked?")
    }
    figures.centreSeconds = Double(after.nanoseconds - before.nanoseconds) / 1e9 / Double(after.count - before.count)
    let counts = own.traffic.counts
    figures.questionBytes = Double(counts.bytesUp) / Double(max(1, counts.questions))
    figures.answerBytes = Double(counts.bytesDown) / Double(max(1, counts.questions))
  }

  /// Seconds of an inference here, with the inputs that the centre is asked with and asked as it is, so that both can be compared; `nil` where it
  /// cannot be had here, or was asked nothing.
  func nearSeconds() throws(Fault) -> Double? {
    let inputs = meter.inputs
    guard case .success(let near) = near, !inputs.isEmpty else { return nil }
    let own = NetworkMeter()
    let lanes = (0..<network.flight).map { _ in MeteredLane(near.unit, outputs: near.parts.outputs, own) }
    try askOften(InferenceUnit(remote: lanes, inputs: near.parts.inputs), inputs)
    let figures = own.figures
    return Double(figures.nanoseconds) / 1e9 / Double(max(1, figures.count))
  }

  private static let mostRounds = 8
  private static let mostSeconds = 6.0

  private func askOften(_ unit: InferenceUnit, _ inputs: [SharedBytes]) throws(Fault) {
    let watch = Stopwatch()
    for round in 0..<Self.mostRounds where round == 0 || watch.seconds < Self.mostSeconds {
      try ask(unit, (0..<network.flight).map { inputs[(round * network.flight + $0) % inputs.count] })
    }
  }

  private func ask(_ unit: InferenceUnit, _ inputs: [SharedBytes]) throws(Fault) {
    let state = Monitor<(left: Int, fault: Fault?)>((inputs.count, nil))
    for input in inputs {
      let request = InferenceRequest([input], rows: 1, source: "place") { outcome, _ in
        let fault: Fault? =
          switch outcome {
          case .answered: nil
          case .failed(let fault), .lost(let fault): fault
          case .late, .cancelled: Fault(.unavailable, "the centre was not asked in time")
          }
        state.update { state in
          state.left -= 1
          state.fault = state.fault ?? fault
        }
      }
      do throws(AdmissionRefusal) { try unit.submitWaiting(request) } catch { throw error.fault }
    }
    if let fault = state.wait(until: { $0.left == 0 ? .some($0.fault) : nil }) { throw fault }
  }
}
