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
  private let probes: Probes
  /// Nobody waits: all are tried, however long that takes.
  private let triesAll: Bool
  /// They are of one kind, and judged as one long answer: of thousands, one is always a little further off.
  private let areAlike: Bool

  /// Nanoseconds after which no further input is tried; the first is always.
  private static let most: UInt64 = 10_000_000_000
  /// An inference that takes longer is not compared: who waits for the first answer would wait for several of them.
  private static let slow: UInt64 = 3_000_000_000
  /// Rows that whole batches are made of.
  private static let rowsOfBatch = 3

  /// `probes` are those that its owner wants tried; `nil` are those that ``ProbeInputs`` makes.
  init(
    _ network: CompiledNetwork, _ own: OtherRuntime?, _ options: CompileOptions, on engine: Engine,
    probes: Probes? = nil, triesAll: Bool = false
  ) {
    (self.network, self.own, self.options, self.engine) = (network, own, options, engine)
    let (made, kinds) = (ProbeInputs(inputs: network.inputs), ProbeInputs.Kind.allCases)
    self.probes = probes ?? Probes(kinds.count) { made.row(kinds[$0]) }
    (self.triesAll, areAlike) = (triesAll, probes != nil)
  }

  func result() -> NetworkCheck {
    guard let own else {
      return .unchecked(network.engine, because: "nothing else that runs here reads networks of this format")
    }
    guard own.isInstalled else {
      return .unchecked(
        network.engine, own.runtime.name,
        because: "\(own.runtime.name), with which it would be compared, is not installed here")
    }
    do throws(Fault) {
      let runner = try network.runner(copy: 0)
      if !triesAll, let seconds = slowness(of: runner) {
        return .unchecked(
          network.engine, own.fullName,
          because: "one inference takes \(seconds) s; 'ridley model verify' compares it, however long that takes")
      }
      return try compare(runner, with: own)
    } catch {
      return .unchecked(
        network.engine, own.fullName,
        because: "\(own.runtime.name) does not run it for comparison: \(error.message)")
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
    let first = try reference(own, isPlain: true)
    var taken = Set(0..<probes.count)
    let check = try pass(runner, by: first, on: &taken)
    guard check.verdict == .wrong, let second = try? secondReference(own) else { return check }
    // On fewer inputs it acquits of nothing.
    var others = taken
    if let other = try? pass(runner, by: second, on: &others), other.verdict == .right, others == taken { return other }
    // Where the references are as far apart as that, the network makes much of little.
    return (try? pass(runner, by: first, beside: second, on: &taken)) ?? check
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

  /// One input after the other, of those that are in `taken`, which are fewer afterwards where the reference does not take some.
  ///
  /// An engine may be as far from the reference as the one `beside` it is.
  private func pass(
    _ runner: CopyRunner.Engine, by reference: Reference, beside: Reference? = nil, on taken: inout Set<Int>
  ) throws(Fault) -> NetworkCheck {
    var (check, refusal) = (NetworkCheck(.right, network.engine), Fault?.none)
    check.reference = reference.name
    var (rows, wanted): ([[[UInt8]]], [Expectation]) = ([], [])
    var whole: [Whole] = []
    let start = Clock.now
    for index in 0..<probes.count where taken.contains(index) {
      taken.remove(index)
      guard triesAll || check.probes == 0 || Clock.now - start < Self.most else { continue }
      let row = try probes.row(index)
      var expected = Expectation()
      do throws(Fault) { expected.answers = try NamedNumbers.run(reference.engine, row) } catch {
        // What the reference does not take need not be taken.
        refusal = error
        continue
      }
      if let beside { expected.others = (try? NamedNumbers.run(beside.engine, row)) ?? [] }
      taken.insert(index)
      check.probes += 1
      judge(&check, by: [expected], &whole) { () throws(Fault) in [try NamedNumbers.run(runner, row)] }
      guard network.batch > 1, rows.count < Self.rowsOfBatch else { continue }
      rows.append(row)
      wanted.append(expected)
    }
    guard check.probes > 0 else { throw refusal ?? Fault(.closed, "nothing was compared") }
    for one in whole { take(&check, one.difference, of: one.answer, apart: one.apart) }
    if !rows.isEmpty { judgeBatch(&check, of: rows, by: wanted, runner) }
    return check
  }

  /// Each row stands beside others, as in a batch that is full.
  private func judgeBatch(
    _ check: inout NetworkCheck, of rows: [[[UInt8]]], by wanted: [Expectation], _ runner: CopyRunner.Engine
  ) {
    let places = (0..<network.batch).map { $0 % rows.count }
    var batch: [Whole] = []
    judge(&check, by: places.map { wanted[$0] }, &batch) { () throws(Fault) in
      try NamedNumbers.run(runner, rows: places.map { rows[$0] })
    }
    for one in batch { take(&check, one.difference, of: one.answer, apart: one.apart) }
  }

  private func judge(
    _ check: inout NetworkCheck, by expected: [Expectation], _ whole: inout [Whole],
    _ run: () throws(Fault) -> [[NamedNumbers]]
  ) {
    let given: [[NamedNumbers]]
    do throws(Fault) { given = try run() } catch {
      return check.fail("\(check.engine) does not answer what \(check.reference) answers: \(error.message)")
    }
    for (answers, wanted) in zip(given, expected) {
      for (place, answer) in answers.enumerated() {
        let partner = answer.partner(place, in: wanted.answers).map { wanted.answers[$0] }
        let other = partner.flatMap { $0.partner(place, in: wanted.others) }.map { wanted.others[$0] }
        if areAlike {
          if whole.count == place { whole.append(Whole(answer: answer)) }
          whole[place].add(answer, partner, other)
        } else {
          let slack = other.map { $0.difference(from: partner) }
          take(&check, answer.difference(from: partner), of: answer, apart: slack)
        }
      }
    }
  }

  private func take(
    _ check: inout NetworkCheck, _ difference: AnswerDifference, of answer: NamedNumbers, apart: AnswerDifference?
  ) {
    check.take(difference, of: answer, isTaken: tolerance.takes(difference, of: answer, apart: apart))
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

/// What an engine is to answer, and what another one does.
private struct Expectation {
  var answers: [NamedNumbers] = []
  var others: [NamedNumbers] = []
}

/// One output over all inputs.
private struct Whole {
  /// The first.
  let answer: NamedNumbers
  var difference = AnswerDifference()
  var apart: AnswerDifference?

  mutating func add(_ answer: NamedNumbers, _ wanted: NamedNumbers?, _ other: NamedNumbers?) {
    difference.add(answer.values, wanted?.values ?? [], sides: answer.sides)
    guard let other else { return }
    var apart = self.apart ?? AnswerDifference()
    apart.add(other.values, wanted?.values ?? [], sides: other.sides)
    self.apart = apart
  }

  init(answer: NamedNumbers) { self.answer = answer }
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
