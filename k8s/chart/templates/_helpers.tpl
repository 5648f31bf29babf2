{{/* The release's name, with the chart's when it does not say it already. */}}
{{- define "operator.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "operator.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "operator.metadata" -}}
name: {{ include "operator.name" . }}-controller-manager
namespace: {{ .Release.Namespace }}
labels:
  {{- include "operator.labels" . | nindent 2 }}
{{- end }}

{{- define "operator.subjects" -}}
subjects:
- kind: ServiceAccount
  name: {{ include "operator.name" . }}-controller-manager
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "operator.spread" -}}
- maxSkew: 1
  topologyKey: {{ .key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "operator.labels" .root | nindent 6 }}
{{- end }}

{{/* Verbs on Secrets: list and watch only for the watch. */}}
{{- define "operator.secretVerbs" -}}
{{- if .Values.secrets.watch }}[get, list, watch]{{ else }}[get]{{ end }}
{{- end }}
