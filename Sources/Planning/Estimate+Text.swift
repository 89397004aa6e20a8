internal import Base

extension Estimate {
  /// For people: a line for each kind of work, then what it is in all; `currency` is the unit of money.
  public func text(currency: String = "") -> String {
    var table = AlignedText()
    table.add("work", "count", "CPU seconds", "known")
    for line in lines {
      table.add(
        line.what, NumberFormat.measure(line.count), NumberFormat.measure(line.cpuSeconds), line.confidence.words)
    }
    table.add("in all", "", NumberFormat.measure(cpuSeconds), certainty)
    var sums = AlignedText(rightFrom: .max)
    sums.add("videos and pictures", "\(items) (\(NumberFormat.clock(duration)))")
    sums.add("tasks", NumberFormat.grouped(tasks))
    sums.add("bytes read", "\(NumberFormat.measure(Double(bytesRead) / 1e6)) MB")
    sums.add("memory of a task", "\(NumberFormat.measure(Double(memoryBytes) / 1e6)) MB")
    sums.add("disk of a task", "\(NumberFormat.measure(Double(diskBytes) / 1e6)) MB")
    if let money { sums.add("cost", "\(Self.money(money)) \(currency)") }
    let bound =
      isUpperBound ? "The gate is taken as open throughout, because its share was never measured: at most this.\n" : ""
    return table.text + "\n" + sums.text + bound
  }

  /// Two digits that say something at least, however little it is.
  static func money(_ value: Double) -> String {
    var (digits, least) = (2, 0.1)
    while value > 0, value < least, digits < 12 { (digits, least) = (digits + 1, least / 10) }
    return NumberFormat.fixed(value, digits)
  }

  /// One JSON object.
  public func json(currency: String? = nil) -> [UInt8] {
    JSONWriter.object { json in
      json.field("cpu_seconds", cpuSeconds, digits: 3)
      json.field("upper_bound", isUpperBound)
      json.object("known") { json in
        json.field("measured", share(.measured))
        json.field("derived", share(.derived))
        json.field("assumed", share(.assumed))
      }
      json.field("items", items)
      json.field("tasks", tasks)
      json.field("video_seconds", duration, digits: 3)
      json.field("frames", work.frames)
      json.field("frames_decoded", work.decoded)
      json.field("frames_sampled", work.sampled)
      json.field("inferences", inferences, digits: 1)
      json.field("bytes_read", bytesRead)
      json.field("memory_bytes", memoryBytes)
      json.field("disk_bytes", diskBytes)
      json.field("money", ifKnown: money, digits: 12)
      json.field("currency", ifKnown: money == nil ? nil : currency)
      json.array("work") { json in
        for line in lines {
          json.object { json in
            json.field("what", line.what)
            json.field("count", line.count, digits: 1)
            json.field("cpu_seconds", line.cpuSeconds, digits: 3)
            json.field("known", "\(line.confidence)")
          }
        }
      }
    }
  }
}
