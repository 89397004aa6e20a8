internal import Base

/// What would fit in the place of what does not.
extension ServicePlan {
  /// `most` is the memory that there is.
  func memoryAdvice(_ most: Int) -> String {
    var bare = self
    bare.models = []
    if bare.neededBytes > most { return bare.fewer(most) }
    guard
      let largest = models.filter({ $0.isHeld || work != .server }).max(by: { $0.bytes < $1.bytes })
        ?? models.max(by: { $0.bytes < $1.bytes })
    else { return bare.fewer(most) }
    return advice(for: largest, room: most - parts[0].bytes)
  }

  /// Streams, or workers, for which there is not enough even without models.
  private func fewer(_ most: Int) -> String {
    guard !streams.isEmpty else { return "take fewer workers" }
    var fewer = self
    while !fewer.streams.isEmpty, fewer.neededBytes > most { fewer.streams.removeLast() }
    return "watch fewer streams first: without any model there is room for \(fewer.streams.count)"
  }

  /// A lighter one with which all of it fits, or how much there is for it; `room` is what may be taken while it is loaded.
  func advice(for model: Model, room: Int) -> String {
    if let fitting = model.lighter.first(where: {
      $0.bytes < model.bytes && $0.loadingBytes <= room && fits($0, for: model)
    }) {
      return "take \(fitting.name), which needs \(Self.text(fitting.bytes))"
    }
    let name = model.name.split(separator: "/").first.map(String.init) ?? model.name
    let left = (profile.memoryBytes ?? .max) - rest(beside: model)
    let other = streams.count > 1 ? ", or watch fewer streams" : ""
    guard left > 0 else { return "serve fewer models\(other)" }
    return
      "take a version of \(name) in 8 bits ('ridley model quantize' makes one), or one with a smaller input, that needs no more than \(Self.text(floor: min(left, room)))\(other)"
  }

  private func fits(_ lighter: Lighter, for model: Model) -> Bool {
    var plan = self
    for index in plan.models.indices where plan.models[index].name == model.name {
      (plan.models[index].bytes, plan.models[index].loadingBytes) = (lighter.bytes, lighter.loadingBytes)
    }
    return plan.neededBytes <= profile.memoryBytes ?? .max
  }

  private func rest(beside model: Model) -> Int {
    var plan = self
    plan.models.removeAll { $0.name == model.name }
    return plan.neededBytes
  }

  /// Rates that suffice for all streams together, as a sentence says them: `share` of each that they have; `nil` where that is nothing.
  func lowerRates(_ share: Double) -> String? {
    let rates = streams.compactMap { stream in
      seconds(of: stream) > 0 ? stream.rate.map { (name: stream.name, rate: Self.rounded($0 * share)) } : nil
    }
    guard share > 0, let least = rates.map(\.rate).min(), least > 0 else { return nil }
    // Many are told one rate, which is the least of theirs.
    guard rates.count <= 4, rates.count == 1 || rates.contains(where: { $0.rate != least }) else {
      return "rate: \(NumberFormat.measure(least)) for each stream"
    }
    return "rate: " + rates.map { "\(NumberFormat.measure($0.rate)) for '\($0.name)'" }.joined(separator: ", ")
  }

  /// Rounded down: what there is room for is not made to look larger.
  private static func text(floor bytes: Int) -> String { "\(bytes >> 20)MiB" }
}
