internal import Base
internal import Planning

extension CostStatement {
  /// Markdown: a table of amounts, when which way is the cheaper one, and the comparisons of the price file.
  public var text: String {
    """
    # What a video hour costs: \(site.title)

    An hour of \(question.size) in \(question.codec), \(NumberFormat.short(question.fps, 3)) frames a second. Prices: \(Self.line(question.prices)) (\(Self.line(prices.currency))). \
    \(rateWords) Only what tasks measured is counted (docs/rendering.md).

    | Pipeline | Where | CPU seconds | \(Self.cell(prices.currency)) a video hour | known |
    |---|---|---|---|---|
    \(work.flatMap(rows).joined(separator: "\n"))

    ## GPU instance or function

    \(work.flatMap(comparison).map { "- \($0)" }.joined(separator: "\n"))

    """ + today
  }

  private var rateWords: String {
    rates.map { "Rates: of tasks on \(Self.line($0.machine))." }
      ?? "No rate measured: run a job over one video, and render again with --library or --rates."
  }

  private func rows(_ work: Work) -> [String] {
    var rows = [
      row(work, "one machine (\(Self.cell(title(machine)))), busy throughout") { (work) throws(CostGap) in
        try cost(work, on: machine, .local)
      }
    ]
    if let cores {
      rows.append(
        row(work, cluster(cores.all)) { (work) throws(CostGap) in
          var known = try cost(work, on: machine, .local)
          guard cores.working > 0 else {
            throw .text("no worker is always there, so this depends on what there is to do")
          }
          known.money = hourly(cores.all) / (cores.working * 3600 / known.cpuSeconds)
          return known
        })
    }
    if let function {
      rows.append(
        row(work, "functions of \(site.function.memory) MiB (\(Self.cell(title(function))))") {
          (work) throws(CostGap) in
          try cost(work, on: function, functionProfile)
        })
    }
    if let gpu {
      rows.append(
        "| \(Self.cell(work.name)) | \(Self.cell(title(gpu))) | – | – | no rate measured: rates are of processors |")
    }
    return rows
  }

  private func row(_ work: Work, _ place: String, _ cost: (Work) throws(CostGap) -> KnownCost) -> String {
    let head = "| \(Self.cell(work.name)) | \(place) | "
    do throws(CostGap) {
      let known = try cost(work)
      let rest = known.leftOut.isEmpty ? "" : "; without \(known.leftOut.joined(separator: ", ")), never measured"
      return head
        + "\(NumberFormat.measure(known.cpuSeconds)) | \(Self.money(known.money)) | \(Self.cell(known.certainty + rest)) |"
    } catch {
      guard case .text(let reason) = error else { return head }
      return head + "– | – | \(Self.cell(reason)) |"
    }
  }

  private func cluster(_ cores: Double) -> String {
    func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
    let streams = rendersStreams ? " and one for streams" : ""
    let workers = site.isShared && site.mostWorkers == nil ? " and \(count(site.worker.replicas, "worker"))" : ""
    return
      "the site: \(count(site.server.replicas, "server"))\(streams)\(workers), \(NumberFormat.short(cores, 3)) cores at \(Self.money(hourly(cores))) \(Self.cell(prices.currency)) an hour, busy throughout"
  }

  /// Money for an hour of all machines that so many cores take.
  private func hourly(_ cores: Double) -> Double { cores / machine.cores * machine.hour }

  /// When what is paid by the hour is cheaper than functions.
  private func comparison(_ work: Work) -> [String] {
    let name = Self.line(work.name)
    guard let function else { return ["\(name): the site names no function of the price file ('costs: function:')."] }
    guard let byUse = try? cost(work, on: function, functionProfile), let busy = try? cost(work, on: machine, .local)
    else {
      return ["\(name): nothing can be compared, because \(gapWords(work, function))."]
    }
    guard byUse.money > 0 else { return ["\(name): the function costs nothing by the price file."] }
    let share = busy.money / byUse.money
    var sentences = [
      share > 1
        ? "\(name): functions are always cheaper than one machine; busy all the time it costs \(NumberFormat.fixed(share, 2)) times as much."
        : "\(name): one machine is cheaper than functions when it is busy for more than \(NumberFormat.short(share * 100, 1)) % of the time."
    ]
    if let cores, cores.working > 0 {
      let (needed, most) = (hourly(cores.all) * 24 / byUse.money, cores.working * 3600 / busy.cpuSeconds * 24)
      sentences.append(
        needed > most
          ? "\(name): the whole site is never cheaper than functions: it can do \(NumberFormat.measure(most)) video hours a day, and would have to do \(NumberFormat.measure(needed))."
          : "\(name): the whole site is cheaper than functions from \(NumberFormat.measure(needed)) video hours a day on; it can do \(NumberFormat.measure(most))."
      )
    }
    if let gpu {
      sentences.append(
        "\(name): a \(Self.line(title(gpu))) at \(Self.money(gpu.hour)) \(Self.line(prices.currency)) an hour would have to do more than \(NumberFormat.measure(gpu.hour / byUse.money)) video hours an hour to be cheaper than functions; what it can do was not measured."
      )
    }
    return sentences
  }

  private func gapWords(_ work: Work, _ function: MachinePrice) -> String {
    do throws(CostGap) { _ = try cost(work, on: machine, .local) } catch {
      if case .text(let reason) = error { return Self.line(reason) }
    }
    do throws(CostGap) { _ = try cost(work, on: function, functionProfile) } catch {
      if case .text(let reason) = error { return Self.line(reason) }
    }
    return "no rate measured"
  }

  private var today: String {
    guard !prices.comparisons.isEmpty else { return "" }
    return """

      ## Beside the numbers of the price file

      \(prices.imageTable)
      \(prices.breakEvenTable)
      """
  }

  private func title(_ machine: MachinePrice) -> String { machine.about.isEmpty ? machine.name : machine.about }

  /// The first three digits that say something.
  private static func money(_ value: Double) -> String {
    var (places, least) = (2, 1.0)
    while value > 0, value < least, places < 12 { (places, least) = (places + 1, least / 10) }
    return NumberFormat.short(value, places)
  }

  /// On one line.
  private static func line(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? " " : Character($0) })
  }

  /// In one cell of a table.
  private static func cell(_ text: String) -> String { line(text).replacing("|", with: "\\|") }
}
