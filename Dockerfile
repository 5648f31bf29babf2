# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY eng/BannedSymbols.txt eng/
COPY src/ src/
RUN dotnet restore src/Silo --locked-mode \
 && dotnet publish src/Silo --no-restore --configuration Release --output /app

# Chiseled: no shell, no package manager, and a user without rights (uid 1654).
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# Diagnostics write to /tmp, which a read-only root does not have everywhere.
ENV DOTNET_EnableDiagnostics=0
EXPOSE 8080 11111 30000
USER $APP_UID
ENTRYPOINT ["./NangoOrleans.Silo"]
