import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";

import { ApiError } from "./api/request.ts";
import { App } from "./app.tsx";
import { useHashPath } from "./state/address.ts";
import "./style/index.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // Only silence is worth asking again: a refusal stays one.
      retry: (failures, error) => failures < 1 && error instanceof ApiError && error.code === "NOT_REACHABLE",
    },
  },
});

createRoot(document.querySelector("#console")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Router hook={useHashPath} hrefs={useHashPath.hrefs}>
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
