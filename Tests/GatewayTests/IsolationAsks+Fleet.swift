extension ForeignNames {
  /// Requests about nodes at the edge.
  func ofFleet(_ operation: String) -> [ForeignAsk]? {
    switch operation {
    case "listNodes": return [ForeignAsk(path: "/v1/fleet/nodes?client=\(client)")]
    case "getNode": return [ForeignAsk(path: "/v1/fleet/nodes/of-\(word)")]
    case "getLedger": return [ForeignAsk(path: "/v1/fleet/nodes/of-\(word)/ledger")]
    case "fetchRecordings":
      let body = #"{"stream":"s","from":"2026-11-27T08:00:00.000Z","to":"2026-11-27T09:00:00.000Z"}"#
      return [ForeignAsk(method: "POST", path: "/v1/fleet/nodes/of-\(word)/fetches", body: body)]
    case "getNodeLog": return [ForeignAsk(path: "/v1/fleet/nodes/of-\(word)/logs")]
    case "askNodeLog":
      return [ForeignAsk(method: "POST", path: "/v1/fleet/nodes/of-\(word)/logs", body: #"{"lines":5}"#)]
    case "labelNode":
      return [ForeignAsk(method: "PATCH", path: "/v1/fleet/nodes/of-\(word)", body: #"{"tags":[]}"#)]
    case "revokeNode": return [ForeignAsk(method: "DELETE", path: "/v1/fleet/nodes/of-\(word)")]
    case "makeNodeToken":
      return [
        ForeignAsk(method: "POST", path: "/v1/fleet/tokens", body: #"{"node":"n","client":"\#(client)"}"#)
      ]
    default: return nil
    }
  }
}
