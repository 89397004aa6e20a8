public import Base

extension ServicePlan {
  /// Refuses what does not fit: faults are `tooLarge`, say what is needed, what there is, and what would fit.
  public func check() throws(Fault) {
    try checkMemory()
    try checkModels()
    try checkDisk()
    try checkCores()
  }

  private func checkMemory() throws(Fault) {
    guard let most = profile.memoryBytes else { return }
    let loading = models.max { $0.loadingBytes < $1.loadingBytes }
    if let loading, parts[0].bytes + loading.loadingBytes > most {
      throw Fault(
        .tooLarge,
        "the model \(loading.name) needs \(Self.text(loading.loadingBytes)) of memory while it is loaded\(loading.isMeasured ? "" : ", as far as its files tell"), and the profile '\(profile.name)' has \(Self.text(most - parts[0].bytes)) beside \(parts[0].what): \(advice(for: loading, room: most - parts[0].bytes))"
      )
    }
    guard neededBytes > most else { return }
    var words = parts.map { "\($0.what) \(Self.text($0.bytes))" }
    if neededBytes > parts.reduce(0, { $0 + $1.bytes }) { words.append("their newest packets") }
    throw Fault(
      .tooLarge,
      "this needs \(Self.text(neededBytes)) of memory (\(words.joined(separator: ", "))), and the profile '\(profile.name)' has \(Self.text(most)): \(memoryAdvice(most))"
    )
  }

  /// Of what was not measured yet it is known that its weights have to be there.
  private func checkModels() throws(Fault) {
    let need = modelParts { $0.isMeasured ? $0.bytes : $0.fileBytes }
    guard let memory, work == .server, need > memory else { return }
    throw Fault(
      .tooLarge,
      "the models need \(Self.text(need)) at a time, and 'memory' gives them \(Self.text(memory)): say memory: \(Self.text(need)), or serve smaller ones"
    )
  }

  private func checkDisk() throws(Fault) {
    guard let most = profile.diskBytes, let recordingBytes, work == .server else { return }
    // The files, and what the engine compiles of them.
    let files = models.reduce(0) { $0 + 2 * $1.fileBytes }
    guard files + recordingBytes > most - Self.libraryBytes else { return }
    let left = max(0, most - Self.libraryBytes - files) >> 20
    let advice = left > 0 ? "say recordings: {space: \(left)MiB}, or serve fewer models" : "serve fewer models"
    throw Fault(
      .tooLarge,
      "the models need \(Self.text(files)) of the disk with what is compiled of them, recordings may take \(Self.text(recordingBytes)) and the library \(Self.text(Self.libraryBytes)), and the profile '\(profile.name)' has \(Self.text(most)): \(advice)"
    )
  }

  private func checkCores() throws(Fault) {
    let (wanted, most) = (wantedCores, profile.cores * Self.plannedCores)
    guard wanted > most + Self.roundingError, streams.contains(where: { $0.rate != nil }) else { return }
    let answers = wanted - Double(streams.count) * Self.decodeSeconds
    let share = answers > 0 ? (most - wanted + answers) / answers : 0
    let slowest = streams.max { ($0.rate ?? 0) * seconds(of: $0) < ($1.rate ?? 0) * seconds(of: $1) }
    let model = slowest?.models.compactMap { name in models.first { $0.name == name } }
      .max { ($0.seconds ?? 0) < ($1.seconds ?? 0) }
    guard let model, let rates = lowerRates(share) else {
      throw Fault(
        .tooLarge,
        "the pictures of \(streams.count) streams need \(NumberFormat.measure(wanted)) cores, and the profile '\(profile.name)' has \(NumberFormat.measure(profile.cores)): watch fewer streams"
      )
    }
    throw Fault(
      .tooLarge,
      "the streams' rates need \(NumberFormat.measure(wanted)) cores (\(model.name) takes \(NumberFormat.measure((model.seconds ?? 0) * 1000)) ms a picture), and the profile '\(profile.name)' has \(NumberFormat.measure(profile.cores)): look at fewer frames (\(rates)), or take a quicker network\(streams.count > 1 ? ", or watch fewer streams" : "")"
    )
  }

  /// What the library may take beside recordings: events, analyses, and its log.
  static let libraryBytes = 256 << 20

  static let roundingError = 1e-9

  /// Down to what is shown of it, so that what is proposed fits.
  static func rounded(_ rate: Double) -> Double {
    let steps: Double =
      switch rate {
      case ..<1: 100
      case ..<20: 10
      default: 1
      }
    return (rate * steps + roundingError).rounded(.down) / steps
  }

  /// Rounded up: what is needed is not made to look smaller.
  static func text(_ bytes: Int) -> String { "\((max(0, bytes) + (1 << 20) - 1) >> 20)MiB" }

  /// What was planned, in one line.
  public var text: String {
    var words = parts.map { "\($0.what) \(Self.text($0.bytes))" }
    if !streams.isEmpty { words.append("\(Self.text(ringBytes)) for the newest packets of each stream") }
    let room = profile.memoryBytes.map { ", of \(Self.text($0)) of memory" } ?? ""
    let answers = answersASecond.map { "; about \(NumberFormat.measure($0)) answers a second" } ?? ""
    let unknown = models.filter { $0.isHeld && $0.seconds == nil }.map(\.name)
    let untold =
      unknown.isEmpty
      ? "" : "; what \(unknown.joined(separator: ", ")) takes of the processor is not known until it was tried"
    return "profile \(profile.name)\(room): \(words.joined(separator: ", "))\(answers)\(untold)"
  }
}
