internal import Catalog

extension DeliveryRoutes {
  private static func choice<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> Document {
    ["type": "string", "enum": .list(type.allCases.map { .text($0.rawValue) })]
  }

  private static var phase: Document { ["type": "string", "enum": ["start", "update", "end"]] }

  static let schemas: Document = [
    "TargetRequest": object(
      [
        "address": about(
          "A webhook's `https://…` or `http://…`, or a broker's `mqtts://HOST:PORT` or `mqtt://HOST:PORT`.", string)
      ],
      optional: [
        "secret": about(
          "What a webhook is signed with: `whsec_` and base 64. Where it is left away one is made, or the one that is there stays.",
          string), "user": about("Of a broker.", string), "password": about("Of a broker.", string),
        "kinds": about("Only of these kinds.", list(choice(StreamEvent.Kind.self))),
        "streams": about("Only of these streams.", list(string)), "rules": about("Only of these rules.", list(string)),
        "labels": about("Only with these labels.", list(string)),
        "phases": about("When: `start` and `end` where it is left away.", list(phase)),
        "topic": about("What a broker's topics begin with: `ridley` where it is left away.", string),
        "discovery": about("Streams are announced as Home Assistant discovers them.", flag),
      ]),
    "Target": object(
      [
        "target": string, "owner": string, "kind": choice(DeliveryTarget.Kind.self), "address": string, "since": moment,
        "kinds": list(choice(StreamEvent.Kind.self)), "streams": list(string), "rules": list(string),
        "labels": list(string), "phases": list(phase),
        "configured": about("It stands in the server's configuration.", flag),
        "waiting": about("Notices that wait, at most 1000.", count),
      ],
      optional: [
        "topic": string, "discovery": flag, "pause": about("Why it is told nothing.", string),
        "oldest": about("When the first of those that wait was noted.", moment),
        "secret": about("What its notices are signed with: in the answer to adding it alone.", string),
      ]),
    "TargetList": object(["targets": list(schema("Target"))]),
    "ReplayRequest": object(
      [
        "from": about("Of what began at this moment or later.", moment),
        "to": about("Of what began at this moment or earlier.", moment),
      ],
      optional: [
        "state": about(
          "Only what is dead, or only what was delivered; else also what the target was never told.",
          ["type": "string", "enum": ["delivered", "dead"]])
      ]),
    "Replay": object(["queued": about("Notices that are told again.", count)]),
    "Delivery": object(
      [
        "delivery": about("The same however often it is told, after a replay too: `webhook-id`.", string),
        "owner": string, "target": string, "state": choice(Notice.State.self),
        "type": about("Such as `event.start`, `health.end` or `test`.", string), "event": string, "stream": string,
        "rule": string, "queued": moment, "tried": about("Attempts since it was queued.", count),
        "attempts": about(
          "The last ten.",
          list(
            object(
              ["at": moment],
              optional: ["status": count, "reason": about("Why it was not taken.", string)]))),
      ],
      optional: ["label": string, "due": about("When it is tried again at the earliest.", moment)]),
    "DeliveryPage": object(["deliveries": list(schema("Delivery"))], optional: ["next": string]),
  ]
}
