extension KubernetesFiles {
  /// Who may speak with whom; what no policy names is closed.
  var network: YAMLText {
    var text = stores
    let networks = site.networks
    if let store = site.store {
      let isTable = store.isDynamoDB
      text += peer(
        isTable ? "DynamoDB" : "PostgreSQL", networks.store, "192.0.2.0/28", AddressPorts([store], usual: 5432))
      if let bus = site.bus { text += peer("the bus", networks.bus, "192.0.2.16/28", AddressPorts([bus], usual: 6379)) }
      text += peer(
        "the bucket (443, or the port of RIDLEY_S3_ENDPOINT)", networks.objects, "198.51.100.0/24",
        AddressPorts([.plain("s3://bucket")], usual: 443))
    }
    text += peer("cameras", networks.cameras, "203.0.113.0/24", AddressPorts(site.sources, usual: 554))
    text += peer("targets", networks.targets, "203.0.113.0/24", AddressPorts(site.targets, usual: 443))
    text += peer("traces and logs", networks.telemetry, "203.0.113.0/24", AddressPorts(site.telemetry, usual: 443))
    text += peer("units", networks.units, "203.0.113.0/24", AddressPorts(site.units, usual: 6379))
    text += callers("server")
    if site.isShared, site.watchesStreams { text += callers("streams") }
    return site.mostWorkers == nil ? text : text + keda
  }

  private var stores: YAMLText {
    """
    # Who may speak with whom; what no policy names is closed. It holds only where the cluster's network plug-in keeps such policies.
    # Ranges come from 'networks' of the site. Where a service runs inside the cluster, a namespaceSelector and a podSelector stand in place of its ipBlock.
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: ridley-stores # every pod of ridley: to names and to what stands below, and nowhere else; to no pod from anywhere
      labels: { app.kubernetes.io/name: ridley }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley }
      policyTypes: [Ingress, Egress]
      ingress: []
      egress:
        - to:
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: kube-system }
              podSelector:
                matchLabels: { k8s-app: kube-dns }
          ports:
            - { protocol: UDP, port: 53 }
            - { protocol: TCP, port: 53 }

    """
  }

  /// A way out, where addresses lead anywhere; a range that the site does not say is one of those kept for documents (RFC 5737), to which nothing answers.
  private func peer(_ what: YAMLText, _ range: String?, _ document: String, _ ways: AddressPorts) -> YAMLText {
    var text: YAMLText =
      ways.hasPackets
      ? "    # Packets of UDP come to ports of the pod, which nothing here opens: give it a policy of yours, or ask by rtsp.\n"
      : ""
    guard !ways.ports.isEmpty else { return text }
    let advice: YAMLText = range == nil ? ", of documents alone: nothing works until it is yours" : ""
    let secret: YAMLText = ways.hasSecret ? " # of a secret the usual one: is it another, it has to stand here" : ""
    let ports = ways.ports.sorted().map { "{ protocol: TCP, port: \($0) }" }.joined(separator: ", ")
    text +=
      "    - to: # " + what + advice + """

                - ipBlock: { cidr: \(quoted: range ?? document) }
              ports: [\(word: ports)]
        """ + secret + "\n"
    return text
  }

  private func callers(_ component: String) -> YAMLText {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: \("ridley-callers-\(component)")
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
      policyTypes: [Ingress]
      ingress:
        - from: # the namespace of your ingress
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: \(site.networks.callers) }
          ports: [{ protocol: TCP, port: http }]

    """
  }

  private var keda: YAMLText {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: ridley-keda
      labels: { app.kubernetes.io/name: ridley }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
      policyTypes: [Ingress]
      ingress:
        - from:
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: keda }
          ports: [{ protocol: TCP, port: http }]

    """
  }
}
