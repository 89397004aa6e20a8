public import Base
public import Inference
internal import Loading

/// How probable it is that somebody speaks, for each 32 ms of sound: a network that remembers what it heard.
///
/// The contract is that of Silero VAD for 16 kHz: `input` [1, 576] is 64 samples of before and the 512 that are asked about, `state` [2, 1, 128] begins as zeros
/// and is what the answer before gave; it answers one probability and the next state. What it says depends on all sound before, so a film is
/// heard from its beginning. In full precision on one thread, so answers are the same on every run. One thread at a time.
public final class SpeechActivity {
  /// Samples at 16 kHz that one answer is about.
  public static let step = 512
  private static let (before, memory) = (64, 256)

  /// `sha256:…` of the network's files.
  public let digest: String
  /// Who runs it, with its version.
  public let engine: String
  private let unit: InferenceUnit
  private let ports: Ports
  private let sound = AlignedMemory(4 * (before + step))
  private let state = AlignedMemory(4 * memory)
  private let answer = Monitor(Answer.waiting)
  /// The end of what was asked about, and what was not yet.
  private var heard = [Float](repeating: 0, count: before)
  private var rest: [Float] = []

  private enum Answer { case waiting, come(Float, [Float]), failed(Fault) }

  /// Which of the network's inputs and outputs is what.
  private struct Ports { var sound, stateIn, probability, stateOut: Int }

  /// - Throws: `notFound`, `badInput` and `unsupported` as for other networks, and for one of another form.
  public convenience init(network path: String, cache: String? = nil, on engine: Engine) throws(Fault) {
    var options = LoadOptions()
    (options.streams, options.threads, options.precision, options.isWarmed) = (1, 1, .f32, false)
    do throws(Fault) { try self.init(TensorModel(networkAt: path, options, cache: cache, on: engine)) } catch {
      throw error.at(path)
    }
  }

  private init(_ model: TensorModel) throws(Fault) {
    (digest, engine) = (model.digest, model.network.engine)
    ports = try Self.ports(model.network)
    unit = try InferenceUnit(model.network)
  }

  /// Told by their sizes, since exports name them differently.
  private static func ports(_ network: CompiledNetwork) throws(Fault) -> Ports {
    func place(_ list: [TensorSpec], _ count: Int) -> Int? {
      list.firstIndex { $0.element == .f32 && $0.shape.reduce(1) { $0 * ($1 ?? 1) } == count }
    }
    guard network.inputs.count == 2, network.outputs.count == 2, let sound = place(network.inputs, before + step),
      let stateIn = place(network.inputs, memory), let probability = place(network.outputs, 1),
      let stateOut = place(network.outputs, memory)
    else {
      let found = (network.inputs + network.outputs).map { "'\($0.name)' \($0.shapeText)" }.joined(separator: ", ")
      throw Fault(
        .unsupported,
        """
        this is no network for speech: it has \(found), where sound [1, 576] and state [2, 1, 128] should give a probability [1, 1] and a state \
        [2, 1, 128]; tools/network silero-vad brings one
        """)
    }
    return Ports(sound: sound, stateIn: stateIn, probability: probability, stateOut: stateOut)
  }

  /// Takes the samples that follow, and answers for each ``step`` that is full.
  public func listen(_ samples: [Float]) throws(Fault) -> [Float] {
    rest += samples
    var (place, found) = (0, [Float]())
    found.reserveCapacity(rest.count / Self.step)
    while rest.count - place >= Self.step {
      found.append(try ask(rest[place..<place + Self.step]))
      place += Self.step
    }
    rest.removeFirst(place)
    return found
  }

  /// Answers for what is left, as if silence followed; `nil` where nothing is.
  ///
  /// Another sound may be heard afterwards.
  public func finish() throws(Fault) -> Float? {
    defer {
      rest = []
      heard = [Float](repeating: 0, count: Self.before)
      forget()
    }
    guard !rest.isEmpty else { return nil }
    return try ask(rest[...] + [Float](repeating: 0, count: Self.step - rest.count))
  }

  private func forget() { keep([Float](repeating: 0, count: Self.memory), in: state) }

  private func keep(_ values: [Float], in memory: AlignedMemory) {
    memory.write(0..<values.count * 4) { span in
      for (index, value) in values.enumerated() { span.storeBytes(of: value, toByteOffset: index * 4, as: Float.self) }
    }
  }

  private func ask(_ part: ArraySlice<Float>) throws(Fault) -> Float {
    keep(heard + part, in: sound)
    heard = Array(part.suffix(Self.before))
    var inputs = [sound[0..<4 * (Self.before + Self.step)], state[0..<4 * Self.memory]]
    if ports.sound == 1 { inputs.reverse() }
    let (answer, ports) = (answer, ports)
    answer.update { $0 = .waiting }
    let request = InferenceRequest(inputs, rows: 1, source: "") { outcome, _ in
      let come: Answer =
        switch outcome {
        case .answered(let outputs):
          .come(
            outputs.withFloats(ports.probability) { $0[0] },
            outputs.withFloats(ports.stateOut) { $0.withUnsafeBufferPointer { Array($0) } })
        case .failed(let fault): .failed(fault)
        case .late, .cancelled: .failed(Fault(.bug, "nobody asked for it to end"))
        case .lost(let fault): .failed(fault)
        }
      answer.update { $0 = come }
    }
    do throws(AdmissionRefusal) { try unit.submit(request) } catch { throw error.fault }
    let come = answer.wait { answer -> Answer? in if case .waiting = answer { nil } else { answer } }
    switch come {
    case .come(let probability, let next):
      keep(next, in: state)
      guard probability.isFinite else { throw Fault(.badInput, "the network for speech answered what is no number") }
      return probability
    case .failed(let fault): throw fault
    case .waiting: throw Fault(.bug, "an answer came before it was there")
    }
  }
}
