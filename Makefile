# What `npm run help` lists, for those who type make: every command is there once, in package.json or docker-compose.yml.

.DEFAULT_GOAL := help
.PHONY: help build up down logs test

help: ## this list
	@npm run --silent help

build: ## builds the containers
	docker compose build

up: ## brings everything up in the background
	docker compose up -d --build

down: ## stops everything; what is stored stays
	docker compose down

logs: ## follows what api and workers say
	docker compose logs -f api worker

test: ## runs all tests
	npm test
