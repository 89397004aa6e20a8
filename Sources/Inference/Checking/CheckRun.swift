internal import Base

/// One comparison of a compiled network with its own runtime.
///
/// The runtime as the file says is asked first. Where it answers otherwise a second opinion counts as much: the runtime with its
/// optimisations, or OpenVINO where it is the runtime that is looked at. Plain kernels are wrong too: LiteRT's 2.3.0 are for sound.
struct CheckRun {
  private let network: CompiledNetwork
  private let own: OtherRuntime?
  private let options: CompileOptions
  private let engine: Engine
  /// Inputs that its owner wants tried; `nil` are those that ``ProbeInputs`` makes.
  private let wanted: [[[UInt8]]]?
  /// Nobody waits: all are tried, however long that takes.
  private let triesAll: Bool

  /// Nanoseconds after which no further input is tried; the first is always.
  private static let most: UInt64 = 10_000_000_000
  /// An inference that takes longer is not compared: who waits for the first answer would wait for several of them.
  private static let slow: UInt64 = 3_000_000_000

  /// `probes` are rows for each input of the network.
  init(
    _ network: CompiledNetwork, _ own: OtherRuntime?, _ options: CompileOptions, on engine: Engine,
    probes: [[[UInt8]]]? = nil, triesAll: Bool = false
  ) {
    (self.network, self.own, self.options, self.engine) = (network, own, options, engine)
    (wanted, self.triesAll) = (probes, triesAll)
  }

  func result() -> NetworkCheck {
    guard let own else {
      return .unchecked(network.engine, because: "nothing else that runs here reads networks of this format")
    }
    guard own.isInstalled else {
      var check = NetworkCheck.unchecked(
        network.engine, because: "\(own.runtime.name), with which it would be compared, is not installed here")
      check.reference = own.runtime.name
      return check
    }
    do throws(Fault) {
      let runner = try network.runner(copy: 0)
      if !triesAll, let seconds = slowness(of: runner) {
        return .unchecked(
          network.engine,
          because: "one inference takes \(seconds) s; 'ridley model verify' compares it, however long that takes")
      }
      return try compare(runner, with: own)
    } catch {
      return .unchecked(network.engine, because: "\(own.runtime.name) does not run it for comparison: \(error.message)")
    }
  }

  /// Seconds of an inference that takes too long.
  private func slowness(of runner: CopyRunner.Engine) -> UInt64? {
    let start = Clock.now
    // Zeros are what every network is warmed up with; one that refuses them says so then.
    _ = try? NamedNumbers.run(runner, ProbeInputs(inputs: network.inputs).zeros)
    let taken = Clock.now - start
    return taken > Self.slow ? taken / 1_000_000_000 : nil
  }

  private func compare(_ runner: CopyRunner.Engine, with own: OtherRuntime) throws(Fault) -> NetworkCheck {
    let made = ProbeInputs(inputs: network.inputs)
    let probes = wanted ?? ProbeInputs.Kind.allCases.map { made.row($0) }
    let first = try opinion(of: reference(own, isPlain: true), on: probes)
    let given = answers(of: runner, to: probes, first)
    let check = judge(given, by: first)
    guard check.verdict == .wrong, let second = try? opinion(of: secondReference(own), on: probes, like: first) else {
      return check
    }
    let other = judge(given, by: second)
    // On fewer inputs it acquits of nothing.
    if other.verdict == .right, other.probes == check.probes { return other }
    // Where the references are as far apart as that, the network makes much of little.
    return judge(given, by: first, apart: differences(second.answers, first.answers))
  }

  /// Who answers, and what to the inputs that it takes; `nil` where it does not.
  private struct Opinion {
    let name: String
    var answers: [[NamedNumbers]?] = []
  }

  private typealias Reference = (engine: CopyRunner.Engine, name: String)

  private func reference(_ own: OtherRuntime, isPlain: Bool) throws(Fault) -> Reference {
    let open = try own.runtime.open(own.path)
    var single = single
    single.isPlain = isPlain
    let runner = try CompiledNetwork.runners(of: open, single)[0]
    return (.elsewhere(runner), isPlain ? "\(open.engine) without optimisations" : open.engine)
  }

  private func secondReference(_ own: OtherRuntime) throws(Fault) -> Reference {
    guard network.runtime != .openvino else { return try reference(own, isPlain: false) }
    let compiled = try CompiledNetwork(try engine.read(own.path, by: .openvino), with: single, on: engine)
    return (try compiled.runner(copy: 0), compiled.engine)
  }

  /// For one input after the other, on all cores.
  private var single: CompileOptions {
    var single = options
    (single.batch, single.streams, single.threads, single.precision) = (1, 1, Processor.count, .f32)
    single.device = Device.cpu.name
    return single
  }

  private func opinion(
    of reference: Reference, on probes: [[[UInt8]]], like other: Opinion? = nil
  ) throws(Fault) -> Opinion {
    let (start, isFree) = (Clock.now, triesAll)
    var (opinion, refusal) = (Opinion(name: reference.name), Fault?.none)
    for (index, probe) in probes.enumerated() {
      if let other, other.answers[index] == nil {
        opinion.answers.append(nil)
        continue
      }
      let isLate = !isFree && opinion.answers.contains { $0 != nil } && Clock.now - start > Self.most
      do throws(Fault) {
        opinion.answers.append(isLate ? nil : try NamedNumbers.run(reference.engine, probe))
      } catch {
        // What the reference does not take need not be taken.
        (refusal, opinion.answers) = (error, opinion.answers + [nil])
      }
    }
    if let refusal, !opinion.answers.contains(where: { $0 != nil }) { throw refusal }
    return opinion
  }

  /// To what the reference answers; a fault where it does not answer.
  private func answers(
    of engine: CopyRunner.Engine, to probes: [[[UInt8]]], _ reference: Opinion
  ) -> [Result<[NamedNumbers], Fault>?] {
    zip(probes, reference.answers).map { probe, answer in
      guard answer != nil else { return nil }
      return Result { () throws(Fault) in try NamedNumbers.run(engine, probe) }
    }
  }

  private func differences(_ some: [[NamedNumbers]?], _ others: [[NamedNumbers]?]) -> [[AnswerDifference]] {
    zip(some, others).map { one, other in
      guard let one, let other else { return [] }
      return one.enumerated().map { $1.difference(from: $1.partner($0, in: other)) }
    }
  }

  /// `apart` is how far the references are from each other, which an engine may be too.
  private func judge(
    _ given: [Result<[NamedNumbers], Fault>?], by reference: Opinion, apart: [[AnswerDifference]]? = nil
  ) -> NetworkCheck {
    var check = NetworkCheck(.right, network.engine)
    check.reference = reference.name
    for (index, pair) in zip(given, reference.answers).enumerated() {
      guard let result = pair.0, let wanted = pair.1 else { continue }
      check.probes += 1
      switch result {
      case .failure(let fault):
        check.fail("\(check.engine) does not answer what \(check.reference) answers: \(fault.message)")
      case .success(let answers):
        for (place, answer) in answers.enumerated() {
          let difference = answer.difference(from: answer.partner(place, in: wanted))
          let slack = apart?[index].indices.contains(place) == true ? apart?[index][place] : nil
          check.take(difference, of: answer, isTaken: tolerance.takes(difference, of: answer, apart: slack))
        }
      }
    }
    return check
  }

  private var tolerance: CheckTolerance {
    if network.precision != "f32" { return .brief }
    switch own?.arithmetic {
    case .quantized: return network.runtime == .openvino ? .rounded : .brief
    case .half: return .half
    case .single, nil: return .single
    }
  }
}

extension NetworkCheck {
  fileprivate mutating func fail(_ words: String) {
    guard verdict == .right else { return }
    (verdict, reason) = (.wrong, words)
  }

  fileprivate mutating func take(_ difference: AnswerDifference, of answer: NamedNumbers, isTaken: Bool) {
    if difference.largest >= largest { (largest, output) = (difference.largest, answer.name) }
    mean = max(mean, difference.mean)
    guard !isTaken else { return }
    let apart =
      difference.largest.isInfinite
      ? "numbers where the other has none, or another number of them"
      : "numbers that are up to \(Self.share(difference.largest)) of the range apart (\(Self.share(difference.mean)) in the mean, \(Self.share(difference.channel)) of a channel's own size)"
    fail("\(engine) answers otherwise than \(reference): output '\(answer.name)' has \(apart)")
  }
}
