internal import Base
internal import Insights

extension BreakExport {
  /// Ticks of a clock of 90 kHz, which has 33 bits and begins again after 26.5 hours.
  private static let rate = 90_000.0
  private static let ticks = 1 << 33

  /// A `splice_insert` each, with the names of ANSI/SCTE 35, for what puts markers into a stream.
  ///
  /// `pts_time` is the frame's own timestamp, and `pts_adjustment` 0: who stamps anew adjusts it. `seconds` is the same moment without an end to
  /// the clock. Numbers of avails are of 8 bits: where there are more, they are 0, which means that they are not told.
  var scte35: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.array("markers") { json in
        for (place, number) in numbers.enumerated() { marker(breaks[place], number, place, &json) }
      }
    }
    json.newline()
    return json.take()
  }

  private func marker(_ one: StoryBreak, _ number: UInt32, _ place: Int, _ json: inout JSONWriter) {
    json.object { json in
      json.field("seconds", one.time, digits: 6)
      json.field("frame", one.frame)
      json.field("score", one.score)
      json.field("rank", one.rank)
      json.field("because", one.evidence.words)
      json.object("splice_info_section") { json in
        json.field("table_id", 0xfc)
        json.field("protocol_version", 0)
        json.field("pts_adjustment", 0)
        json.field("tier", 0xfff)
        json.field("splice_command_type", 5)
        json.object("splice_insert") { insert(one, number, place, &$0) }
      }
    }
  }

  private func insert(_ one: StoryBreak, _ number: UInt32, _ place: Int, _ json: inout JSONWriter) {
    json.field("splice_event_id", Int(number))
    json.field("splice_event_cancel_indicator", false)
    json.field("out_of_network_indicator", true)
    json.field("program_splice_flag", true)
    json.field("duration_flag", length != nil)
    json.field("splice_immediate_flag", false)
    json.object("splice_time") { json in
      json.field("time_specified_flag", true)
      json.field("pts_time", Self.ticks(one.time))
    }
    if let length {
      json.object("break_duration") { json in
        json.field("auto_return", true)
        json.field("duration", Self.ticks(length))
      }
    }
    let isTold = breaks.count < 256
    json.field("unique_program_id", 0)
    json.field("avail_num", isTold ? place + 1 : 0)
    json.field("avails_expected", isTold ? breaks.count : 0)
  }

  static func ticks(_ seconds: Double) -> Int { Int((max(0, min(seconds, 1e12)) * rate).rounded()) % ticks }
}
