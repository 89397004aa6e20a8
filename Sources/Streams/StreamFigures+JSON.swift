public import Base
internal import Pipelines

extension StreamFigures {
  /// The members of an object that is open.
  public func write(into json: inout JSONWriter) {
    json.field("state", state.rawValue)
    json.field("reason", ifKnown: reason)
    json.field("since", since, digits: 3)
    json.field("codec", codec)
    json.field("width", size.width)
    json.field("height", size.height)
    json.field("received", received)
    json.field("decoded", decoded)
    json.field("thrift", thrift.rawValue)
    json.field("processor_seconds", processorTime, digits: 3)
    json.field("delivered", delivered)
    json.object("drops") { json in
      for drop in Drop.allCases { json.field(JSONWriter.Name(drop.rawValue), drops[drop] ?? 0) }
    }
    json.field("in_flight", inFlight)
    json.field("incomplete", incomplete)
    json.field("lost_packets", lostPackets)
    json.field("jumps", jumps)
    json.field("connections", connections)
    if let view {
      json.object("view_source") { json in
        json.field("state", view.state.rawValue)
        json.field("reason", ifKnown: view.reason)
      }
    }
    json.field("clock_offset_ms", ifKnown: clockOffset)
    json.object("age_ms") { json in
      for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        json.field(JSONWriter.Name(name), ifKnown: ages.quantile(share))
      }
    }
    json.array("gaps") { json in for gap in gaps { json.object(gap.write) } }
    if let scene { scene.write(into: &json) }
    json.object("events", events.write)
  }
}

extension EventLosses {
  fileprivate func write(into json: inout JSONWriter) {
    json.field("withheld", withheld)
    json.field("lost", lost)
    json.field("pictures_lost", lostPictures)
    json.field("reason", ifKnown: reason)
    json.field("at", ifKnown: at, digits: 3)
  }
}

extension StreamFigures.Gap {
  fileprivate func write(into json: inout JSONWriter) {
    json.field("from", from, digits: 3)
    json.field("to", ifKnown: to, digits: 3)
    json.field("reason", reason)
  }
}

extension SceneCounts {
  /// The members of an object that is open.
  fileprivate func write(into json: inout JSONWriter) {
    json.array("zones") { json in
      for zone in zones {
        json.object { json in
          json.field("zone", zone.name)
          json.field("now", zone.now)
          json.field("most", zone.most)
          json.field("visits", zone.visits)
          json.field("longest", zone.longest, digits: 3)
          json.field("total", zone.total, digits: 3)
        }
      }
    }
    json.array("lines") { json in
      for line in lines {
        json.object { json in
          json.field("line", line.name)
          json.field("in", line.into)
          json.field("out", line.out)
          json.object("labels") { json in
            for (label, ways) in line.labels.sorted(by: { $0.key < $1.key }) {
              json.object(JSONWriter.Name(label)) { json in
                json.field("in", ways.into)
                json.field("out", ways.out)
              }
            }
          }
        }
      }
    }
    json.array("rules") { json in
      for rule in rules {
        json.object { json in
          json.field("rule", rule.name)
          json.field("events", rule.events)
          json.field("open", rule.isOpen)
        }
      }
    }
  }
}
